#include "growth.hpp"

#include "common/events/event.hpp"
#include "common/postgres/partition_map.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <string_view>

namespace events::bench {
namespace {

/// Rows that are copied at a time.
constexpr std::uint64_t kSample = 50'000;

/// The columns of a table, those replaced that make a copy another event.
std::string copied_columns(const std::string& url, const std::string& table) {
    return test::query(url, fmt::format(R"(
        SELECT string_agg(CASE attname
            WHEN 'event_id' THEN '''copy-'' || gen_random_uuid()'
            WHEN 'user_id' THEN '''user-'' || gen_random_uuid()'
            WHEN 'occurred_at' THEN 'first + (row_number() OVER () + added) * pause'
            ELSE attname END, ', ' ORDER BY attnum)
        FROM pg_attribute
        WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped)",
                                        table));
}

std::string partition_of_now(const std::string& url, Source source) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    postgres::Connection connection{{.url = config::Secret{url}, .application_name = "bench"}, {}};
    postgres::PartitionMap partitions{source};
    partitions.ensure(connection, std::array{std::chrono::floor<std::chrono::days>(now)});
    return partitions.find(now)->table;
}

void add_rows(const std::string& url, std::string_view name, Source source, std::uint64_t rows) {
    const auto table = fmt::format("{}_events", name);
    const auto partition = partition_of_now(url, source);
    const auto sample = table + "_sample";
    test::query(url, fmt::format("DROP TABLE IF EXISTS {0}; CREATE UNLOGGED TABLE {0} AS "
                                 "SELECT * FROM {1} LIMIT {2}",
                                 sample, table, kSample));
    const auto columns = copied_columns(url, table);
    for (std::uint64_t added = 0; added < rows; added += kSample) {
        // As a collector, so that no trigger notes or marks anything.
        test::query(url, fmt::format(R"(
            SET events.counted = 'on';
            INSERT INTO {0} SELECT {1} FROM (SELECT * FROM {2} LIMIT {3}) AS sample,
                (SELECT {4} AS added, first, (now() - first) / ({5} + 1) AS pause
                 FROM (SELECT date_trunc('day', now(), 'UTC') AS first) AS begins) AS times)",
                                     partition, columns, sample, std::min(kSample, rows - added),
                                     added, rows));
    }
    test::query(url, "DROP TABLE " + sample);
    test::query(
        url,
        fmt::format("SELECT events.rebuild_day('{}', (now() AT TIME ZONE 'UTC')::date)", name));
}

}  // namespace

void add_rows(const std::string& url, std::uint64_t rows) {
    std::vector<std::future<void>> adding;
    for (const auto source : sources()) {
        adding.push_back(std::async(std::launch::async, [&url, rows, source] {
            add_rows(url, source.name(), source, rows / sources().size());
        }));
    }
    for (auto& source : adding) source.get();
    test::query(url, "VACUUM ANALYZE");
    test::query(url, "CHECKPOINT");
}

bool is_built(const std::string& url) {
    return test::query(url, "SELECT bool_and(is_built) FROM events.partition_states") == "t";
}

}  // namespace events::bench
