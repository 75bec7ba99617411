#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

namespace events {

enum class Source : std::uint8_t { facebook, tiktok };
enum class FunnelStage : std::uint8_t { top, bottom };

/// Instants are UTC, exact to the microsecond, as PostgreSQL keeps them.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// A table from an enum to the text that the wire and the database use, in both directions.
template <typename E, std::size_t N>
using Names = std::array<std::pair<std::string_view, E>, N>;

inline constexpr Names<Source, 2> kSources{
    {{"facebook", Source::facebook}, {"tiktok", Source::tiktok}}};
inline constexpr Names<FunnelStage, 2> kFunnelStages{
    {{"top", FunnelStage::top}, {"bottom", FunnelStage::bottom}}};

/// An event type as a source has it: `video.view` and `comment` exist in both sources.
struct EventType {
    Source source;
    FunnelStage stage;
    std::string_view name;
    bool has_revenue;  ///< its purchaseAmount, where not null, counts as revenue
};

inline constexpr std::array<EventType, 14> kEventTypes{{
    {Source::facebook, FunnelStage::top, "ad.view", false},
    {Source::facebook, FunnelStage::top, "page.like", false},
    {Source::facebook, FunnelStage::top, "comment", false},
    {Source::facebook, FunnelStage::top, "video.view", false},
    {Source::facebook, FunnelStage::bottom, "ad.click", false},
    {Source::facebook, FunnelStage::bottom, "form.submission", false},
    {Source::facebook, FunnelStage::bottom, "checkout.complete", true},
    {Source::tiktok, FunnelStage::top, "video.view", false},
    {Source::tiktok, FunnelStage::top, "like", false},
    {Source::tiktok, FunnelStage::top, "share", false},
    {Source::tiktok, FunnelStage::top, "comment", false},
    {Source::tiktok, FunnelStage::bottom, "profile.visit", false},
    {Source::tiktok, FunnelStage::bottom, "purchase", true},
    {Source::tiktok, FunnelStage::bottom, "follow", false},
}};

/// The closed sets of the contract's section 2, in one place for validator, generator and reports.
inline constexpr std::array<std::string_view, 3> kGenders{"male", "female", "non-binary"};
inline constexpr std::array<std::string_view, 3> kReferrers{"newsfeed", "marketplace", "groups"};
inline constexpr std::array<std::string_view, 3> kClickPositions{"top_left", "bottom_right",
                                                                 "center"};
inline constexpr std::array<std::string_view, 2> kFacebookDevices{"mobile", "desktop"};
inline constexpr std::array<std::string_view, 3> kBrowsers{"Chrome", "Firefox", "Safari"};
inline constexpr std::array<std::string_view, 3> kTikTokDevices{"Android", "iOS", "Desktop"};

template <typename E, std::size_t N>
[[nodiscard]] constexpr std::optional<E> from_name(const Names<E, N>& names,
                                                   std::string_view text) noexcept {
    for (const auto& [name, value] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

template <typename E, std::size_t N>
[[nodiscard]] constexpr std::string_view name_in(const Names<E, N>& names, E value) noexcept {
    for (const auto& [name, candidate] : names) {
        if (candidate == value) return name;
    }
    return {};
}

[[nodiscard]] constexpr std::string_view to_string(Source source) noexcept {
    return name_in(kSources, source);
}
[[nodiscard]] constexpr std::string_view to_string(FunnelStage stage) noexcept {
    return name_in(kFunnelStages, stage);
}

/// The source's event type of that name; null when the source has none.
[[nodiscard]] constexpr const EventType* find_event_type(Source source,
                                                         std::string_view name) noexcept {
    for (const auto& type : kEventTypes) {
        if (type.source == source && type.name == name) return &type;
    }
    return nullptr;
}

struct FacebookUser {
    std::string_view user_id;
    std::string_view name;
    std::int16_t age = 0;
    std::string_view gender;
    std::string_view country;
    std::string_view city;
};

struct FacebookTop {
    Timestamp action_time;
    std::string_view referrer;
    std::optional<std::string_view> video_id;
};

struct FacebookBottom {
    std::string_view ad_id;
    std::string_view campaign_id;
    std::string_view click_position;
    std::string_view device;
    std::string_view browser;
    std::optional<std::string_view> purchase_amount;  ///< a checked decimal text, e.g. "12.50"
};

struct TikTokUser {
    std::string_view user_id;
    std::string_view username;
    std::int64_t followers = 0;
};

struct TikTokTop {
    std::int64_t watch_time = 0;  ///< seconds
    std::int16_t percentage_watched = 0;
    std::string_view device;
    std::string_view country;
    std::string_view video_id;
};

struct TikTokBottom {
    Timestamp action_time;
    std::optional<std::string_view> profile_id;
    std::optional<std::string_view> purchased_item;
    std::optional<std::string_view> purchase_amount;  ///< a checked decimal text, e.g. "12.50"
};

struct FacebookEvent {
    FacebookUser user;
    std::variant<FacebookTop, FacebookBottom> engagement;
};

struct TikTokEvent {
    TikTokUser user;
    std::variant<TikTokTop, TikTokBottom> engagement;
};

/// A valid event. Its texts are views into the JSON it was parsed from, or into the parser's
/// TextArena where the JSON had escapes: both must outlive it.
struct Event {
    std::string_view event_id;
    Timestamp timestamp;
    const EventType* type = nullptr;  ///< source, funnel stage and name; points into kEventTypes
    std::variant<FacebookEvent, TikTokEvent> data;
};

}  // namespace events
