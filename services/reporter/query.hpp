#pragma once

#include "common/events/event.hpp"
#include "common/segments/question.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::reporter {

/// What a report counts; also the `category` label of report_latency_seconds and the last segment
/// of its path.
enum class Category : std::uint8_t { events, revenue, demographics };

inline constexpr Names<Category, 3> kCategories{{{"events", Category::events},
                                                 {"revenue", Category::revenue},
                                                 {"demographics", Category::demographics}}};

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

// Each dimension is a key; a number by its groups.
static_assert(std::ranges::all_of(kDimensions, [](const Dimension& dimension) {
    return std::ranges::any_of(kKeys, [&](const auto& key) {
        return key.first == dimension.name || (key.first.starts_with(dimension.name) &&
                                               key.first.substr(dimension.name.size()) == "Group");
    });
}));

/// A week is ISO's: it begins on Monday.
enum class Interval : std::uint8_t { minute, hour, day, week, month };

inline constexpr Names<Interval, 5> kIntervals{{{"minute", Interval::minute},
                                                {"hour", Interval::hour},
                                                {"day", Interval::day},
                                                {"week", Interval::week},
                                                {"month", Interval::month}}};

inline constexpr std::size_t kDefaultLimit = 100;
inline constexpr std::size_t kMaxLimit = 1'000;
inline constexpr std::size_t kMaxBuckets = 10'000;
/// With both groups and an interval: groups times buckets.
inline constexpr std::size_t kMaxCells = 100'000;

/// Whether a range surely has more buckets than `most`, whatever the time zone. Pure.
[[nodiscard]] bool surely_more_than(std::size_t most, const segments::TimeRange& range,
                                    Interval interval) noexcept;

/// So many buckets, at the least, in microseconds. Pure.
[[nodiscard]] std::int64_t length_of(std::size_t buckets, Interval interval) noexcept;

/// Why a parameter can't be used.
struct BadParameter {
    std::string name;     ///< as the client wrote it
    std::string message;  ///< what it must be; never empty

    friend bool operator==(const BadParameter&, const BadParameter&) = default;
};

[[nodiscard]] BadParameter too_many_buckets();

/// What a report asks for: the events from `from` to `to`, both inclusive, that meet every
/// condition. A value; made by parse_query.
struct Query {
    Category category;
    std::optional<Timestamp> from{};
    std::optional<Timestamp> to{};
    std::vector<segments::Condition> conditions{};
    std::vector<Key> group_by{};        ///< each once
    std::size_t limit = kDefaultLimit;  ///< groups
    std::optional<Interval> interval{};
    std::string time_zone = "UTC";  ///< IANA name, of the interval's buckets
    /// The parameters in the table's order: the same text asks for the same, of a category.
    std::string text{};
    /// The same for the log, where values of events do not belong: without the free texts.
    std::string logged_text{};
};

/// The same as a question to segments, without the series' buckets. Pure.
[[nodiscard]] segments::Question question_of(const Query& query);

}  // namespace events::reporter
