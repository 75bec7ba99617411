#pragma once

#include "common/events/event.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace events::reporter {

/// What a report counts; also the `category` label of report_latency_seconds and the last segment
/// of its path.
enum class Category : std::uint8_t { events, revenue, demographics };

inline constexpr Names<Category, 3> kCategories{{{"events", Category::events},
                                                 {"revenue", Category::revenue},
                                                 {"demographics", Category::demographics}}};

/// What users can be filtered by: an attribute that an event has of its user, or of the moment.
enum class Column : std::uint8_t { age, gender, country, city, followers, device };

enum class Comparison : std::uint8_t { equal, at_least, at_most };

/// A column compared with a value. A row whose column is null never matches, and a source without
/// the column contributes nothing.
struct Condition {
    Column column;
    Comparison comparison;
    std::variant<std::string, std::int64_t> value;

    friend bool operator==(const Condition&, const Condition&) = default;
};

/// What the figures can be given apart for.
enum class Key : std::uint8_t {
    source,
    funnel_stage,
    event_type,
    campaign_id,
    gender,
    age_group,
    country,
    city,
    device,
    followers_group,
};

/// The names in requests and answers.
inline constexpr Names<Key, 10> kKeys{{{"source", Key::source},
                                       {"funnelStage", Key::funnel_stage},
                                       {"eventType", Key::event_type},
                                       {"campaignId", Key::campaign_id},
                                       {"gender", Key::gender},
                                       {"ageGroup", Key::age_group},
                                       {"country", Key::country},
                                       {"city", Key::city},
                                       {"device", Key::device},
                                       {"followersGroup", Key::followers_group}}};

enum class Interval : std::uint8_t { minute, hour, day };

inline constexpr Names<Interval, 3> kIntervals{
    {{"minute", Interval::minute}, {"hour", Interval::hour}, {"day", Interval::day}}};

inline constexpr std::size_t kDefaultLimit = 100;
inline constexpr std::size_t kMaxLimit = 1'000;
inline constexpr std::size_t kMaxBuckets = 10'000;
/// With both groups and an interval: groups times buckets.
inline constexpr std::size_t kMaxCells = 100'000;

/// Whether a range surely has more than kMaxBuckets of them, whatever the time zone. In seconds,
/// since the microseconds between the earliest instant and the latest one overflow.
[[nodiscard]] constexpr bool has_too_many_buckets(Timestamp from, Timestamp to,
                                                  Interval interval) noexcept {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(to) -
                         std::chrono::floor<std::chrono::seconds>(from);
    const std::chrono::seconds length = interval == Interval::minute ? std::chrono::minutes{1}
                                        : interval == Interval::hour ? std::chrono::hours{1}
                                                                     : std::chrono::hours{24};
    return seconds / length > static_cast<std::int64_t>(kMaxBuckets);
}

/// Why a parameter can't be used.
struct BadParameter {
    std::string name;     ///< as the client wrote it
    std::string message;  ///< what it must be; never empty

    friend bool operator==(const BadParameter&, const BadParameter&) = default;
};

/// What a report asks for: the rows of `source` (of both, when there is none) from `from` to `to`,
/// both inclusive, that meet every condition. A value; made by parse_query.
struct Query {
    Category category;
    std::optional<Timestamp> from{};
    std::optional<Timestamp> to{};
    std::optional<Source> source{};
    std::optional<FunnelStage> stage{};        ///< events
    std::optional<std::string> event_type{};   ///< events, revenue
    std::optional<std::string> campaign_id{};  ///< revenue
    std::vector<Condition> conditions{};       ///< demographics
    std::vector<Key> group_by{};               ///< each once
    std::size_t limit = kDefaultLimit;         ///< groups
    std::optional<Interval> interval{};        ///< events, revenue
    std::string time_zone = "UTC";             ///< IANA name, of the interval's buckets
};

}  // namespace events::reporter
