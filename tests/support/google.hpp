#pragma once

#include "common/sources/source.hpp"

#include <array>
#include <string_view>

/// A source that lives in tests only: programs that link events_sources_with_google have it beside
/// the others. make_google.sql makes it in a database.
namespace events {
namespace google {

using enum FunnelStage;
using enum FieldKind;

inline constexpr std::array kTypes{
    TypeSpec{"ad.view", top},
    TypeSpec{"search.result", top},
    TypeSpec{"ad.click", bottom},
    TypeSpec{.name = "conversion", .stage = bottom, .has_revenue = true},
};

inline constexpr std::array<std::string_view, 3> kDevices{"phone", "tablet", "desktop"};
inline constexpr std::array<std::string_view, 2> kNetworks{"search", "display"};

inline constexpr auto kFields = std::to_array<FieldSpec>({
    {.path = "user.region", .column = "region", .kind = text, .sample = Sample::city},
    {.path = "user.profile.age",
     .column = "age",
     .kind = integer,
     .bounds = {18, 160},
     .range = {18, 90}},
    {.path = "user.profile.country", .column = "country", .kind = text, .sample = Sample::country},

    {.path = "engagement.network", .column = "network", .kind = choice, .choices = kNetworks},
    {.path = "engagement.device", .column = "device", .kind = choice, .choices = kDevices},
    {.path = "engagement.campaign.id",
     .column = "campaign_id",
     .kind = text_or_null,
     .sample = Sample::serial,
     .prefix = "adwords-"},
    {.path = "engagement.seenAt", .column = "seen_at", .kind = time, .stage = top},
    {.path = "engagement.position",
     .column = "position",
     .kind = integer,
     .stage = top,
     .bounds = {1, 100'000},
     .range = {1, 100}},
    {.path = "engagement.amount",
     .column = "purchase_amount",
     .kind = amount_or_null,
     .stage = bottom},
});

inline constexpr SourceSpec kSpec{
    .name = "google",
    .title = "Google",
    .number = 7,
    .id_prefix = "ggl-",
    .collector = "ggl-collector",
    .types = kTypes,
    .fields = kFields,
};

}  // namespace google

inline constexpr Source kGoogle{google::kSpec};

}  // namespace events
