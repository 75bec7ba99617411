#include "reporter/user_plan.hpp"

#include "reporter/sql.hpp"
#include "reporter/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace events::reporter {
namespace {

// Microseconds, measured with ten million events (docs/adr/0005-rollups.md). Only their relation
// matters.
constexpr double kPerRow = 1.5;        // read and made distinct
constexpr double kPerProfile = 0.1;    // read, by parallel workers
constexpr double kPerSeveral = 1.0;    // made distinct
constexpr double kPerUncovered = 6.0;  // read, made distinct and looked up among the profiles

constexpr std::array kGrains{Grain::day, Grain::hour, Grain::minute};

double number(const pqxx::row& row, pqxx::row::size_type column) {
    return row[column].as<double>();
}

/// "SELECT sum(events)" of the range's whole minutes and what surrounds them.
std::string events_in(Source source, const Range& range, Sql& sql) {
    // The ragged ends count as whole minutes: good enough to choose by.
    Range outer = range;
    if (outer.begin) outer.begin = std::chrono::floor<std::chrono::minutes>(*outer.begin);
    if (outer.end) outer.end = std::chrono::ceil<std::chrono::minutes>(*outer.end);
    std::string selects = "0";
    for (const auto& slice : cut(outer, kGrains)) {
        const std::string_view width = slice.grain == Grain::day    ? "day"
                                       : slice.grain == Grain::hour ? "hour"
                                                                    : "minute";
        selects += fmt::format(
            " + (SELECT coalesce(sum(events), 0) FROM event_rollups "
            "WHERE source = '{}' AND width = '{}' AND {})",
            to_string(source), width, sql.within("bucket", slice.range));
    }
    return selects + fmt::format(
                         " + (SELECT coalesce(sum(events), 0) FROM event_deltas "
                         "WHERE source = '{}' AND {})",
                         to_string(source), sql.within("minute", outer));
}

/// The events of the minutes in the range that the profiles do not know, and of its ragged ends.
std::string events_in_rows(Source source, const Range& range, const Range& minutes, Sql& sql) {
    const auto of_minutes = fmt::format(
        "(SELECT coalesce(sum(events), 0) FROM event_rollups JOIN "
        "(SELECT minute FROM unprofiled_minutes WHERE source = '{0}' AND {1} "
        "UNION SELECT minute FROM event_deltas WHERE source = '{0}' AND {2}) AS uncovered "
        "ON source = '{0}' AND width = 'minute' AND bucket = minute) + "
        "(SELECT coalesce(sum(events), 0) FROM event_deltas WHERE source = '{0}' AND {3})",
        to_string(source), sql.within("minute", minutes), sql.within("minute", minutes),
        sql.within("minute", minutes));
    std::string ends;
    if (range.begin && range.begin != minutes.begin) {
        ends += " + " + events_in(source, {range.begin, minutes.begin}, sql);
    }
    if (range.end && range.end != minutes.end) {
        ends += " + " + events_in(source, {minutes.end, range.end}, sql);
    }
    return of_minutes + ends;
}

}  // namespace

UserPlan choose_plan(const UserFacts& facts) noexcept {
    const double by_rows = facts.events_in_range * kPerRow;
    const double uncovered = facts.events_in_rows * kPerUncovered;
    const double several = facts.several * kPerSeveral;
    const double by_profiles = facts.profiles * kPerProfile + several + uncovered;
    const bool can_use_audience = facts.whole_history && facts.countable_audience;
    const double by_audience = can_use_audience ? several + uncovered : by_profiles + 1;
    if (by_rows <= std::min(by_profiles, by_audience)) return UserPlan::rows;
    return by_audience < by_profiles ? UserPlan::audience : UserPlan::profiles;
}

bool audience_has(const Query& query) noexcept {
    return std::ranges::none_of(query.conditions,
                                [](const Condition& condition) {
                                    return condition.column == Column::city ||
                                           condition.column == Column::followers;
                                }) &&
           std::ranges::find(query.group_by, Key::city) == query.group_by.end();
}

UserFacts read_facts(const Query& query, Source source, const Range& range,
                     const std::optional<Range>& minutes, pqxx::transaction_base& transaction) {
    if (!minutes) return {};  // shorter than a minute: rows it is
    const auto name = to_string(source);
    Sql sql;
    const auto in_range = events_in(source, range, sql);
    const auto in_rows = events_in_rows(source, range, *minutes, sql);
    const auto before = minutes->begin ? "first < " + sql.bind(*minutes->begin) : "false";
    const auto after = minutes->end ? "last > " + sql.bind(*minutes->end) : "false";
    // An estimate: the planner's own.
    const auto size_of = [&](std::string_view relation) {
        return fmt::format(
            "(SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = '{}{}'::regclass)", name,
            relation);
    };
    sql.text = fmt::format(
        "SELECT {}, {}, {}, {}, "
        "NOT EXISTS (SELECT FROM profiled_spans WHERE source = '{}' AND ({} OR {}))",
        in_range, in_rows, size_of("_profiles"), size_of("_profiles_several"), name, before, after);
    const auto row = run(transaction, sql).at(0);
    return {.events_in_range = number(row, 0),
            .events_in_rows = number(row, 1),
            .profiles = number(row, 2),
            .several = number(row, 3),
            .whole_history = row[4].as<bool>(),
            .countable_audience = audience_has(query)};
}

}  // namespace events::reporter
