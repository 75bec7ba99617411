#include "reporter/sql.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace events::reporter {

std::string Sql::bind(std::string value) {
    parameters.push_back(std::move(value));
    return fmt::format("${}", parameters.size());
}

/// PostgreSQL refuses what lies far beyond the years that an event can have (0 to 9999): such a
/// time is moved nearer, still beyond every event.
std::string Sql::bind(Timestamp time) {
    constexpr std::chrono::sys_days kEarliest = std::chrono::year{-999} / 1 / 1;
    constexpr std::chrono::sys_days kLatest = std::chrono::year{20'000} / 1 / 1;
    return bind(format_timestamp(std::clamp<Timestamp>(time, kEarliest, kLatest))) +
           "::timestamptz";
}

std::string Sql::within(std::string_view column, const Range& range) {
    std::string condition;
    if (range.begin) condition += fmt::format("{} >= {}", column, bind(*range.begin));
    if (range.begin && range.end) condition += " AND ";
    if (range.end) condition += fmt::format("{} < {}", column, bind(*range.end));
    return condition.empty() ? "true" : condition;
}

std::string literals(const std::vector<std::string_view>& constants) {
    std::string text;
    for (const auto constant : constants) {
        text += fmt::format("{}'{}'", text.empty() ? "" : ", ", constant);
    }
    return text;
}

std::string_view events_table(Source source) noexcept {
    return source == Source::facebook ? "facebook_events" : "tiktok_events";
}

}  // namespace events::reporter
