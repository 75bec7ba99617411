#pragma once

#include "common/sources/source.hpp"

#include <array>
#include <string_view>

namespace events {
namespace facebook {

using enum FunnelStage;
using enum FieldKind;

inline constexpr std::array kTypes{
    TypeSpec{"ad.view", top},
    TypeSpec{"page.like", top},
    TypeSpec{"comment", top},
    TypeSpec{"video.view", top},
    TypeSpec{"ad.click", bottom},
    TypeSpec{"form.submission", bottom},
    TypeSpec{.name = "checkout.complete", .stage = bottom, .has_revenue = true},
};

inline constexpr std::array<std::string_view, 3> kGenders{"male", "female", "non-binary"};
inline constexpr std::array<std::string_view, 3> kReferrers{"newsfeed", "marketplace", "groups"};
inline constexpr std::array<std::string_view, 3> kPositions{"top_left", "bottom_right", "center"};
inline constexpr std::array<std::string_view, 2> kDevices{"mobile", "desktop"};
inline constexpr std::array<std::string_view, 3> kBrowsers{"Chrome", "Firefox", "Safari"};

inline constexpr auto kFields = std::to_array<FieldSpec>({
    {.path = "user.name", .column = "name", .kind = text, .sample = Sample::full_name},
    {.path = "user.age", .column = "age", .kind = integer, .bounds = {0, 150}, .range = {13, 90}},
    {.path = "user.gender", .column = "gender", .kind = choice, .choices = kGenders},
    {.path = "user.location.country", .column = "country", .kind = text, .sample = Sample::country},
    {.path = "user.location.city", .column = "city", .kind = text, .sample = Sample::city},

    {.path = "engagement.actionTime", .column = "action_time", .kind = time, .stage = top},
    {.path = "engagement.referrer",
     .column = "referrer",
     .kind = choice,
     .stage = top,
     .choices = kReferrers},
    {.path = "engagement.videoId",
     .column = "video_id",
     .kind = text_or_null,
     .stage = top,
     .sample = Sample::uuid,
     .prefix = "video-"},

    {.path = "engagement.adId",
     .column = "ad_id",
     .kind = text,
     .stage = bottom,
     .sample = Sample::uuid,
     .prefix = "ad-"},
    {.path = "engagement.campaignId",
     .column = "campaign_id",
     .kind = text,
     .stage = bottom,
     .sample = Sample::serial,
     .prefix = "campaign-"},
    {.path = "engagement.clickPosition",
     .column = "click_position",
     .kind = choice,
     .stage = bottom,
     .choices = kPositions},
    {.path = "engagement.device",
     .column = "device",
     .kind = choice,
     .stage = bottom,
     .choices = kDevices},
    {.path = "engagement.browser",
     .column = "browser",
     .kind = choice,
     .stage = bottom,
     .choices = kBrowsers},
    {.path = "engagement.purchaseAmount",
     .column = "purchase_amount",
     .kind = amount_or_null,
     .stage = bottom},
});

inline constexpr SourceSpec kSpec{
    .name = "facebook",
    .title = "Facebook",
    .number = 0,
    .id_prefix = "fb-",
    .collector = "fb-collector",
    .types = kTypes,
    .fields = kFields,
};

}  // namespace facebook

inline constexpr Source kFacebook{facebook::kSpec};

}  // namespace events
