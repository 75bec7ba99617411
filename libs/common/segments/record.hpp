#pragma once

#include "common/events/event.hpp"
#include "common/sources/dimensions.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

namespace events::segments {

/// Microseconds since 1970 (UTC), both ends inclusive.
struct TimeRange {
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    std::int64_t last = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] constexpr bool has(std::int64_t time) const noexcept {
        return time >= first && time <= last;
    }
    [[nodiscard]] constexpr bool covers(const TimeRange& other) const noexcept {
        return first <= other.first && last >= other.last;
    }
    /// What both have; empty where `last` is before `first`.
    [[nodiscard]] constexpr TimeRange operator&(const TimeRange& other) const noexcept {
        return {std::max(first, other.first), std::min(last, other.last)};
    }
    [[nodiscard]] constexpr bool is_empty() const noexcept { return last < first; }

    friend bool operator==(const TimeRange&, const TimeRange&) = default;
};

/// What a segment knows of an event. The numbers are those in the file: one is never used again.
enum class Column : std::uint16_t {
    source = 0,  ///< of the whole segment: it is no column of the file
    user = 1,
    minute = 2,
    microsecond = 3,
    sign = 4,
    // text
    funnel_stage = 16,
    event_type = 17,
    campaign_id = 18,
    country = 19,
    city = 20,
    gender = 21,
    device = 22,
    // numbers
    age = 48,
    followers = 49,
    revenue = 50,  ///< cents
};

/// Whether a column that is stored holds texts; the others hold numbers.
[[nodiscard]] constexpr bool is_text(Column column) noexcept {
    return column >= Column::funnel_stage && column < Column::age;
}

/// An event as segments see it: what stands in its row. Nothing is null.
struct Record {
    std::string_view user_id;
    Timestamp occurred_at;
    std::optional<std::string_view> funnel_stage{};
    std::optional<std::string_view> event_type{};
    std::optional<std::string_view> campaign_id{};
    std::optional<std::string_view> country{};
    std::optional<std::string_view> city{};
    std::optional<std::string_view> gender{};
    std::optional<std::string_view> device{};
    std::optional<std::int64_t> age{};
    std::optional<std::int64_t> followers{};
    /// The purchase amount in cents, where the event type has revenue: see has_revenue().
    std::optional<std::int64_t> revenue{};
    bool taken_back = false;  ///< the event was deleted: it counts as -1
};

/// A column of a source's segments beside user, time and sign.
struct ColumnInfo {
    Column column{};
    std::optional<std::string_view> Record::*text = nullptr;  ///< of the two, just one is there
    std::optional<std::int64_t> Record::*number = nullptr;
};

/// All that there are.
inline constexpr std::array kColumns{
    ColumnInfo{Column::funnel_stage, &Record::funnel_stage},
    ColumnInfo{Column::event_type, &Record::event_type},
    ColumnInfo{Column::campaign_id, &Record::campaign_id},
    ColumnInfo{Column::country, &Record::country},
    ColumnInfo{Column::city, &Record::city},
    ColumnInfo{Column::gender, &Record::gender},
    ColumnInfo{Column::device, &Record::device},
    ColumnInfo{Column::age, nullptr, &Record::age},
    ColumnInfo{Column::followers, nullptr, &Record::followers},
    ColumnInfo{Column::revenue, nullptr, &Record::revenue},
};
// Each dimension has its column, of its kind.
static_assert(std::ranges::all_of(kDimensions, [](const Dimension& dimension) {
    return std::ranges::any_of(kColumns, [&](const ColumnInfo& info) {
        return info.column == Column{dimension.number} &&
               (info.text != nullptr) == (dimension.kind == Dimension::Kind::text);
    });
}));

/// Those that the source's events have values for.
[[nodiscard]] std::span<const ColumnInfo> columns_of(Source source);

/// Whether the purchase amount of such an event counts as revenue.
[[nodiscard]] inline bool has_revenue(Source source, std::string_view event_type) {
    const auto* type = find_event_type(source, event_type);
    return type != nullptr && type->has_revenue;
}

/// A user's id in 128 bits. Ids that are UUIDs in their usual spelling (36 characters, lower case)
/// are kept as they are: two different ones never meet. All others are kept as the first half of
/// their SHA-256, for which nobody knows two texts that meet. The two kinds are told apart by
/// `hashed`, so an id made to look like another one's hash is not it.
struct UserKey {
    bool hashed = false;
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend auto operator<=>(const UserKey&, const UserKey&) = default;
};

[[nodiscard]] UserKey user_key(std::string_view id);

/// The record of a valid event, which its texts are views of.
[[nodiscard]] Record record_of(const Event& event);

}  // namespace events::segments
