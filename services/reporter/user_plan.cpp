#include "reporter/user_plan.hpp"

#include "reporter/sql.hpp"
#include "reporter/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <utility>

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

/// More make the statement longer than what they save it to read.
constexpr std::size_t kMostSpans = 32;

/// The minutes that the profiles do not know yet, joined, ascending; and the ragged ends.
std::vector<Range> read_uncovered(Source source, const Range& range, const Range& minutes,
                                  pqxx::transaction_base& transaction) {
    Sql sql;
    sql.text = fmt::format(
        "SELECT (extract(epoch FROM lower(span)) * 1000000)::bigint, "
        "(extract(epoch FROM upper(span)) * 1000000)::bigint FROM (SELECT unnest(range_agg("
        "tstzrange(minute, minute + interval '1 minute'))) FROM "
        "(SELECT minute FROM unprofiled_minutes WHERE source = '{0}' AND {1} UNION "
        "SELECT minute FROM event_deltas WHERE source = '{0}' AND {2}) AS unprofiled) "
        "AS spans (span) ORDER BY 1",
        to_string(source), sql.within("minute", minutes), sql.within("minute", minutes));
    const auto time = [](const pqxx::field& field) {
        return Timestamp{std::chrono::microseconds{field.as<std::int64_t>()}};
    };
    std::vector<Range> spans;
    if (range.begin && range.begin != minutes.begin) {
        spans.push_back({range.begin, minutes.begin});
    }
    for (const auto& row : run(transaction, sql)) spans.push_back({time(row[0]), time(row[1])});
    if (range.end && range.end != minutes.end) spans.push_back({minutes.end, range.end});
    return coarsened(spans, kMostSpans);
}

}  // namespace

std::vector<Range> coarsened(const std::vector<Range>& ranges, std::size_t at_most) {
    std::vector<Range> joined;
    for (const auto& range : ranges) {
        if (!joined.empty() && joined.back().end >= range.begin) {
            joined.back().end = range.end;
        } else {
            joined.push_back(range);
        }
    }
    if (joined.size() <= at_most) return joined;

    // The widest gaps stay open.
    std::vector<std::size_t> after;  // the range before a gap
    for (std::size_t i = 0; i + 1 < joined.size(); ++i) after.push_back(i);
    const auto gap = [&](std::size_t i) { return *joined[i + 1].begin - *joined[i].end; };
    const auto open = after.begin() + static_cast<std::ptrdiff_t>(at_most) - 1;
    std::ranges::nth_element(after, open, std::greater{}, gap);
    after.erase(open, after.end());
    std::ranges::sort(after);
    std::vector<Range> coarse;
    std::size_t first = 0;
    for (const auto last : after) {
        coarse.push_back({joined[first].begin, joined[last].end});
        first = last + 1;
    }
    coarse.push_back({joined[first].begin, joined.back().end});
    return coarse;
}

double cost_of(UserPlan plan, const UserFacts& facts) noexcept {
    const double behind = facts.several * kPerSeveral + facts.events_in_rows * kPerUncovered;
    switch (plan) {
        case UserPlan::rows:
            break;
        case UserPlan::profiles:
            return facts.profiles * kPerProfile + behind;
        case UserPlan::audience:
            return behind;
    }
    return facts.events_in_range * kPerRow;
}

UserPlan choose_plan(const UserFacts& facts) noexcept {
    auto best = UserPlan::rows;
    const auto consider = [&](UserPlan plan) {
        if (cost_of(plan, facts) < cost_of(best, facts)) best = plan;
    };
    consider(UserPlan::profiles);
    if (facts.whole_history && facts.countable_audience) consider(UserPlan::audience);
    return best;
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
    auto uncovered = read_uncovered(source, range, *minutes, transaction);
    return {.events_in_range = number(row, 0),
            .events_in_rows = number(row, 1),
            .profiles = number(row, 2),
            .several = number(row, 3),
            .whole_history = row[4].as<bool>(),
            .countable_audience = audience_has(query),
            .uncovered = std::move(uncovered)};
}

}  // namespace events::reporter
