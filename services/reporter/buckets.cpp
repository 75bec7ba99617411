#include "reporter/buckets.hpp"

#include "common/events/time.hpp"
#include "reporter/transaction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr std::span kByDay{kGrains};
constexpr std::span kByHour = kByDay.subspan(1);
constexpr std::span kByMinute = kByDay.subspan(2);
constexpr std::span kByRow = kByDay.subspan(3);
constexpr std::span kCampaignByDay{kCampaignGrains};

/// How far to go so that every bucket is met: no further than the shortest one is long (a zone can
/// change its offset by half an hour, a day has 23 hours).
constexpr Names<Interval, 3> kSteps{
    {{"1 minute", Interval::minute}, {"30 minutes", Interval::hour}, {"12 hours", Interval::day}}};

Timestamp from_microseconds(std::int64_t count) {
    return Timestamp{std::chrono::microseconds{count}};
}

/// The first or last cell's time within a range, by the grains.
std::optional<Timestamp> edge(const Query& query, pqxx::transaction_base& transaction,
                              const CellsOptions& options, std::string_view function) {
    Sql sql;
    const auto cells = cells_sql(query, options, sql);
    sql.text = fmt::format(
        "SELECT (extract(epoch FROM {}(time)) * 1000000)::bigint FROM "
        "(SELECT time FROM {} GROUP BY time HAVING sum(n) <> 0) AS found",
        function, cells);
    const auto field = run(transaction, sql).at(0).at(0);
    if (field.is_null()) return std::nullopt;
    return from_microseconds(field.as<std::int64_t>());
}

/// The part of `range` in the span of that length that `time` lies in.
Range part_of(const Range& range, Timestamp time, std::chrono::microseconds length) {
    const auto rest = time.time_since_epoch() % length;
    const Timestamp begin = time - (rest < 0us ? rest + length : rest);
    return {.begin = range.begin ? std::max(*range.begin, begin) : begin,
            .end = range.end ? std::min(*range.end, begin + length) : begin + length};
}

/// The time of the first ("min") or last ("max") event in the range: first its day, then its hour
/// and minute in that, then, where a zone's day may begin within a minute, the event itself.
std::optional<Timestamp> find_edge(const Query& query, pqxx::transaction_base& transaction,
                                   Range range, std::string_view function) {
    struct Step {
        std::span<const Grain> grains;
        std::chrono::microseconds finds;  ///< the length of what it tells the place of
        RowTime row_time;
    };
    const std::array<Step, 4> by_time{{{kByDay, 24h, RowTime::minute},
                                       {kByHour, 1h, RowTime::minute},
                                       {kByMinute, 1min, RowTime::minute},
                                       {kByRow, 1us, RowTime::exact}}};
    const std::array<Step, 3> by_campaign{{{kCampaignByDay, 24h, RowTime::minute},
                                           {kByRow, 1min, RowTime::minute},
                                           {kByRow, 1us, RowTime::exact}}};
    const auto steps = asks_for_campaigns(query) ? std::span<const Step>{by_campaign} : by_time;
    std::optional<Timestamp> found;
    for (const auto& [grains, finds, row_time] : steps) {
        if (row_time == RowTime::exact && query.time_zone == "UTC") break;
        found = edge(query, transaction, {.range = range, .grains = grains, .row_time = row_time},
                     function);
        if (!found) return std::nullopt;
        range = part_of(range, *found, finds);
    }
    return found;
}

std::string format_time(std::int64_t start, std::int64_t offset_seconds) {
    const bool writable = offset_seconds % 60 == 0;
    const auto offset = std::chrono::seconds{writable ? offset_seconds : 0};
    const auto local = std::chrono::floor<std::chrono::seconds>(from_microseconds(start)) + offset;
    auto text = format_timestamp(local).substr(0, 19);  // without the fraction and the Z
    if (offset == 0s) return text + "Z";
    const auto minutes = std::abs(offset_seconds) / 60;
    return fmt::format("{}{}{:02}:{:02}", text, offset < 0s ? '-' : '+', minutes / 60,
                       minutes % 60);
}

BadParameter too_many() {
    return {"interval", fmt::format("gives more than {} buckets in this range", kMaxBuckets)};
}

void choose_grains(const Query& query, const std::vector<std::int64_t>& offsets, Buckets& buckets) {
    const auto all_of = [&](std::int64_t unit) {
        return std::ranges::all_of(offsets, [unit](auto offset) { return offset % unit == 0; });
    };
    const bool utc = std::ranges::all_of(offsets, [](auto offset) { return offset == 0; });
    if (asks_for_campaigns(query)) {
        const bool days = utc && query.interval == Interval::day;
        buckets.grains = days ? kCampaignByDay : kByRow;
    } else if (query.interval == Interval::day && utc) {
        buckets.grains = kByDay;
    } else if (query.interval != Interval::minute && all_of(3'600)) {
        buckets.grains = kByHour;
    } else {
        buckets.grains = all_of(60) ? kByMinute : kByRow;
    }
    buckets.row_time = all_of(60) ? RowTime::minute : RowTime::exact;
}

}  // namespace

std::string bucket_expression(const Query& query, Sql& sql) {
    return fmt::format("(extract(epoch FROM date_trunc('{}', time, {})) * 1000000)::bigint",
                       name_in(kIntervals, *query.interval), sql.bind(query.time_zone));
}

Expected<Buckets, BadParameter> find_buckets(const Query& query,
                                             pqxx::transaction_base& transaction) {
    const auto range = range_of(query);
    const auto first = query.from ? query.from : find_edge(query, transaction, range, "min");
    const auto last = query.to ? query.to : find_edge(query, transaction, range, "max");
    Buckets buckets;
    if (!first || !last || *last < *first) return buckets;

    if (has_too_many_buckets(*first, *last, *query.interval)) {
        return Unexpected<BadParameter>{too_many()};
    }
    Sql sql;
    const auto begin = sql.bind(*first);
    const auto end = sql.bind(*last);
    const auto zone = sql.bind(query.time_zone);
    sql.text = fmt::format(
        "SELECT (extract(epoch FROM start) * 1000000)::bigint, "
        "extract(epoch FROM (start AT TIME ZONE {2}) - (start AT TIME ZONE 'UTC'))::bigint "
        "FROM (SELECT DISTINCT date_trunc('{3}', instant, {2}) AS start "
        "FROM (SELECT generate_series({0}, {1}, '{4}') UNION SELECT {1}) AS steps (instant)) "
        "AS buckets ORDER BY start",
        begin, end, zone, name_in(kIntervals, *query.interval), name_in(kSteps, *query.interval));
    const auto rows = run(transaction, sql);
    if (static_cast<std::size_t>(rows.size()) > kMaxBuckets)
        return Unexpected<BadParameter>{too_many()};

    std::vector<std::int64_t> offsets;
    for (const auto& row : rows) {
        offsets.push_back(row[1].as<std::int64_t>());
        buckets.starts.push_back(row[0].as<std::int64_t>());
        buckets.times.push_back(format_time(buckets.starts.back(), offsets.back()));
    }
    choose_grains(query, offsets, buckets);
    return buckets;
}

}  // namespace events::reporter
