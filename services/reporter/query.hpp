#pragma once

#include "common/events/event.hpp"

#include <array>
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

/// The columns a report can filter by.
enum class Column : std::uint8_t {
    funnel_stage,
    event_type,
    campaign_id,
    age,
    gender,
    country,
    city,
    followers,
    device,
};

enum class Comparison : std::uint8_t { equal, at_least, at_most };

/// A column compared with a value. A row whose column is null never matches, and a source without
/// the column contributes nothing.
struct Condition {
    Column column;
    Comparison comparison;
    std::variant<std::string, std::int64_t> value;

    friend bool operator==(const Condition&, const Condition&) = default;
};

/// What a report asks for: the rows of `source` (of both, when there is none) from `from` to `to`,
/// both inclusive, that meet every condition. A value; made by parse_query, read by build_sql.
struct Query {
    Category category;
    std::optional<Timestamp> from{};
    std::optional<Timestamp> to{};
    std::optional<Source> source{};
    std::vector<Condition> conditions{};
};

}  // namespace events::reporter
