#pragma once

#include "common/segments/encode.hpp"
#include "common/segments/record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace events::segments {

/// What is counted: events; events with revenue, and their cents; distinct users, whom source and
/// id tell apart.
enum class Figure : std::uint8_t { events, revenue, users };

/// Both ends inclusive.
struct NumberRange {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// A column has that text, or a number in that range. A null never does.
struct Condition {
    Column column;  ///< Column::source with its name, or any of a ColumnInfo
    std::variant<std::string, NumberRange> value;
};

/// A group of numbers: from `first` to before the first of the next one. The first group also has
/// what is less.
struct NumberGroup {
    std::int64_t first;
    std::string_view name;
};

/// The contract's `ageGroup` and `followersGroup`.
inline constexpr std::array kAgeGroups{NumberGroup{0, "0-17"},   NumberGroup{18, "18-24"},
                                       NumberGroup{25, "25-34"}, NumberGroup{35, "35-44"},
                                       NumberGroup{45, "45-54"}, NumberGroup{55, "55-64"},
                                       NumberGroup{65, "65+"}};
inline constexpr std::array kFollowersGroups{
    NumberGroup{0, "0-999"}, NumberGroup{1'000, "1000-9999"}, NumberGroup{10'000, "10000-99999"},
    NumberGroup{100'000, "100000-999999"}, NumberGroup{1'000'000, "1000000+"}};

/// A column that figures are given apart for; numbers by groups, which outlive the question.
struct Key {
    Column column;
    std::span<const NumberGroup> groups{};
};

/// A question about the events that lie between `from` and `to` and meet every condition.
struct Question {
    Figure figure = Figure::events;
    std::int64_t from = std::numeric_limits<std::int64_t>::min();  ///< microseconds since 1970
    std::int64_t to = std::numeric_limits<std::int64_t>::max();    ///< inclusive
    std::vector<Condition> conditions{};
    std::vector<Key> keys{};
    std::size_t limit = 100;             ///< groups in the answer
    std::size_t max_groups = 8'000'000;  ///< and groups times buckets: see TooManyGroups
    /// The first instants of a series' buckets, ascending. A bucket ends where the next begins;
    /// the first one also has what is before it, the last one all that is behind.
    std::vector<std::int64_t> buckets{};
};

struct Figures {
    std::int64_t count = 0;  ///< events, orders or users
    Cents128 cents = 0;      ///< of Figure::revenue

    friend bool operator==(const Figures&, const Figures&) = default;
};

struct Group {
    std::vector<std::optional<std::string>> keys;  ///< as Question::keys; nothing: null
    Figures figures;
    std::vector<Figures> series;  ///< as Question::buckets
};

struct Answer {
    Figures total;
    /// Those with a count, by cents (else by count) from the highest, then by keys; null is last.
    std::vector<Group> groups;
    bool truncated = false;  ///< there are more groups
    std::vector<Figures> series;
};

}  // namespace events::segments
