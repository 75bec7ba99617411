#pragma once

#include "common/sources/source.hpp"

#include <array>
#include <string_view>

namespace events {
namespace tiktok {

using enum FunnelStage;
using enum FieldKind;

inline constexpr std::array kTypes{
    TypeSpec{"video.view", top},
    TypeSpec{"like", top},
    TypeSpec{"share", top},
    TypeSpec{"comment", top},
    TypeSpec{"profile.visit", bottom},
    TypeSpec{.name = "purchase", .stage = bottom, .has_revenue = true},
    TypeSpec{"follow", bottom},
};

inline constexpr std::array<std::string_view, 3> kDevices{"Android", "iOS", "Desktop"};

inline constexpr auto kFields = std::to_array<FieldSpec>({
    {.path = "user.username", .column = "username", .kind = text, .sample = Sample::handle},
    {.path = "user.followers", .column = "followers", .kind = integer, .sample = Sample::magnitude},

    {.path = "engagement.watchTime",  // seconds
     .column = "watch_time",
     .kind = integer,
     .stage = top,
     .range = {0, 599}},
    {.path = "engagement.percentageWatched",
     .column = "percentage_watched",
     .kind = integer,
     .stage = top,
     .bounds = {0, 100},
     .range = {0, 100}},
    {.path = "engagement.device",
     .column = "device",
     .kind = choice,
     .stage = top,
     .choices = kDevices},
    {.path = "engagement.country",
     .column = "country",
     .kind = text,
     .stage = top,
     .sample = Sample::country},
    {.path = "engagement.videoId",
     .column = "video_id",
     .kind = text,
     .stage = top,
     .sample = Sample::uuid,
     .prefix = "video-"},

    {.path = "engagement.actionTime", .column = "action_time", .kind = time, .stage = bottom},
    {.path = "engagement.profileId",
     .column = "profile_id",
     .kind = text_or_null,
     .stage = bottom,
     .sample = Sample::uuid,
     .prefix = "profile-",
     .presence = Presence::without_revenue},
    {.path = "engagement.purchasedItem",
     .column = "purchased_item",
     .kind = text_or_null,
     .stage = bottom,
     .sample = Sample::item,
     .presence = Presence::with_revenue},
    {.path = "engagement.purchaseAmount",
     .column = "purchase_amount",
     .kind = amount_or_null,
     .stage = bottom},
});

inline constexpr SourceSpec kSpec{
    .name = "tiktok",
    .title = "TikTok",
    .number = 1,
    .id_prefix = "ttk-",
    .collector = "ttk-collector",
    .types = kTypes,
    .fields = kFields,
};

}  // namespace tiktok

inline constexpr Source kTikTok{tiktok::kSpec};

}  // namespace events
