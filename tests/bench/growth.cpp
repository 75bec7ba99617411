#include "growth.hpp"

#include "common/events/event.hpp"
#include "common/postgres/day_partitions.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string_view>
#include <vector>

namespace events::bench {
namespace {

constexpr int kDays = 10;
/// Rows that are copied at a time.
constexpr std::uint64_t kSample = 50'000;

std::vector<std::chrono::sys_days> last_days() {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    std::vector<std::chrono::sys_days> days;
    for (int ago = 0; ago < kDays; ++ago) days.push_back(today - std::chrono::days{ago});
    return days;
}

/// The columns of a table, those replaced that make a copy another event.
std::string copied_columns(const std::string& url, const std::string& table) {
    return test::query(url, fmt::format(R"(
        SELECT string_agg(CASE attname
            WHEN 'event_id' THEN '''copy-'' || gen_random_uuid()'
            WHEN 'user_id' THEN '''user-'' || gen_random_uuid()'
            WHEN 'occurred_at' THEN 'day.first + random() * (day.last - day.first)'
            ELSE attname END, ', ' ORDER BY attnum)
        FROM pg_attribute
        WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped)",
                                        table));
}

void add_rows(const std::string& url, std::string_view source, std::uint64_t rows) {
    const auto table = fmt::format("{}_events", source);
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "bench"}, {}};
    postgres::DayPartitions{table}.ensure(connection, last_days());
    const auto sample = table + "_sample";
    test::query(url, fmt::format("DROP TABLE IF EXISTS {0}; CREATE UNLOGGED TABLE {0} AS "
                                 "SELECT * FROM {1} LIMIT {2}",
                                 sample, table, kSample));
    const auto columns = copied_columns(url, table);
    const auto per_day = rows / kDays;
    for (int ago = 0; ago < kDays; ++ago) {
        for (std::uint64_t added = 0; added < per_day; added += kSample) {
            // Today ends now.
            test::query(
                url, fmt::format(R"(
                INSERT INTO {} SELECT {} FROM (SELECT * FROM {} LIMIT {}) AS sample,
                    (SELECT first, least(first + interval '1 day', now()) AS last
                     FROM (SELECT date_trunc('day', now()) - {} * interval '1 day' AS first)
                     AS begins) AS day)",
                                 table, columns, sample, std::min(kSample, per_day - added), ago));
        }
        test::query(url, "SELECT fold_event_deltas()");
    }
    test::query(url, "DROP TABLE " + sample);
}

}  // namespace

void add_rows(const std::string& url, std::uint64_t rows) {
    std::vector<std::future<void>> adding;
    for (const auto& [source, value] : kSources) {
        adding.push_back(std::async(std::launch::async, [&url, rows, name = source] {
            add_rows(url, name, rows / kSources.size());
        }));
    }
    for (auto& source : adding) source.get();
    test::query(url, "VACUUM ANALYZE");
    test::query(url, "CHECKPOINT");
}

}  // namespace events::bench
