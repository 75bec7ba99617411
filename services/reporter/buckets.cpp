#include "reporter/buckets.hpp"

#include "common/events/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

/// How far to go so that every bucket is met: no further than the shortest one is long (a zone can
/// change its offset by half an hour, a day has 23 hours, a week an hour less than seven days).
constexpr Names<Interval, 5> kSteps{{{"1 minute", Interval::minute},
                                     {"30 minutes", Interval::hour},
                                     {"12 hours", Interval::day},
                                     {"144 hours", Interval::week},
                                     {"600 hours", Interval::month}}};

/// Where a zone has midnight twice, since its clocks go back at one, date_trunc() gives the second:
/// the first one is the same time of day by the offset that holds just before.
constexpr auto kFirstMidnight =
    "SELECT CASE WHEN midnight AT TIME ZONE $3 = truncated AT TIME ZONE $3 "
    "THEN least(midnight, truncated) ELSE truncated END "
    "FROM (SELECT truncated - interval '1 microsecond') AS just (before) "
    "CROSS JOIN LATERAL (SELECT ((truncated AT TIME ZONE $3) - (before AT TIME ZONE $3) "
    "+ (before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC') AS same (midnight)";

Timestamp to_timestamp(std::int64_t microseconds) {
    return Timestamp{std::chrono::microseconds{microseconds}};
}

/// PostgreSQL refuses what lies far beyond the years that an event can have (0 to 9999): such a
/// time is moved nearer, still beyond every event.
std::int64_t moved_nearer(std::int64_t microseconds) {
    constexpr std::chrono::sys_days kEarliest = std::chrono::year{-999} / 1 / 1;
    constexpr std::chrono::sys_days kLatest = std::chrono::year{20'000} / 1 / 1;
    return std::clamp<Timestamp>(to_timestamp(microseconds), kEarliest, kLatest)
        .time_since_epoch()
        .count();
}

std::string format_time(std::int64_t start, std::int64_t offset_seconds) {
    const bool writable = offset_seconds % 60 == 0;
    const auto offset = std::chrono::seconds{writable ? offset_seconds : 0};
    const auto local = std::chrono::floor<std::chrono::seconds>(to_timestamp(start)) + offset;
    auto text = format_timestamp(local).substr(0, 19);  // without the fraction and the Z
    if (offset == 0s) return text + "Z";
    const auto minutes = std::abs(offset_seconds) / 60;
    return fmt::format("{}{}{:02}:{:02}", text, offset < 0s ? '-' : '+', minutes / 60,
                       minutes % 60);
}

/// The start, in UTC, of the bucket that has `time`.
Timestamp start_in_utc(Interval interval, Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    switch (interval) {
        case Interval::minute:
            return std::chrono::floor<std::chrono::minutes>(time);
        case Interval::hour:
            return std::chrono::floor<std::chrono::hours>(time);
        case Interval::day:
            return day;
        case Interval::week:
            return day - (std::chrono::weekday{day} - std::chrono::Monday);
        case Interval::month: {
            const std::chrono::year_month_day date{day};
            return std::chrono::sys_days{date.year() / date.month() / 1};
        }
    }
    return time;
}

/// The start, in UTC, of the bucket behind the one that begins at `start`.
Timestamp next_in_utc(Interval interval, Timestamp start) {
    switch (interval) {
        case Interval::minute:
            return start + std::chrono::minutes{1};
        case Interval::hour:
            return start + std::chrono::hours{1};
        case Interval::day:
            return start + std::chrono::days{1};
        case Interval::week:
            return start + std::chrono::weeks{1};
        case Interval::month:  // 31 days behind a month's first lies the next month
            return start_in_utc(interval, start + std::chrono::days{31});
    }
    return start;
}

/// No clock changes there, so the database is not asked.
Buckets buckets_in_utc(Interval interval, const segments::TimeRange& range) {
    Buckets buckets;
    for (auto start = start_in_utc(interval, to_timestamp(range.first));
         start <= to_timestamp(range.last); start = next_in_utc(interval, start)) {
        buckets.starts.push_back(start.time_since_epoch().count());
        buckets.times.push_back(format_time(buckets.starts.back(), 0));
    }
    return buckets;
}

}  // namespace

Buckets read_buckets(const Query& query, const segments::TimeRange& asked,
                     pqxx::transaction_base& transaction) {
    const segments::TimeRange range{moved_nearer(asked.first), moved_nearer(asked.last)};
    if (query.time_zone == "UTC") return buckets_in_utc(*query.interval, range);
    const auto rows = transaction.exec_params(
        fmt::format(
            "SELECT (extract(epoch FROM start) * 1000000)::bigint, "
            "extract(epoch FROM (start AT TIME ZONE $3) - (start AT TIME ZONE 'UTC'))::bigint "
            "FROM (SELECT DISTINCT date_trunc('{}', instant, $3) AS truncated "
            "FROM (SELECT generate_series($1::timestamptz, $2, '{}') UNION SELECT $2) "
            "AS steps (instant)) AS buckets CROSS JOIN LATERAL ({}) AS first (start) "
            "ORDER BY start",
            name_in(kIntervals, *query.interval), name_in(kSteps, *query.interval),
            *query.interval >= Interval::day ? kFirstMidnight : "SELECT truncated"),
        format_timestamp(to_timestamp(range.first)), format_timestamp(to_timestamp(range.last)),
        query.time_zone);
    Buckets buckets;
    for (const auto& row : rows) {
        buckets.starts.push_back(row[0].as<std::int64_t>());
        buckets.times.push_back(format_time(buckets.starts.back(), row[1].as<std::int64_t>()));
    }
    return buckets;
}

}  // namespace events::reporter
