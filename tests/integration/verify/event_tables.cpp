#include "event_tables.hpp"

#include "common/logging/logger.hpp"
#include "common/postgres/migrations.hpp"
#include "common/postgres/segment_store.hpp"
#include "common/segments/encode.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace events::test {
namespace {

/// All but a few have a UUID for an id; some attributes repeat, some do not.
constexpr auto kInsertFacebook =
    "INSERT INTO {0} (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, name, "
    "age, gender, country, city, campaign_id, device, purchase_amount) "
    "SELECT '{2}-' || n, '{1} 00:00:00+00'::timestamptz + n * interval '7.000013 seconds', now(), "
    "CASE n % 3 WHEN 0 THEN 'top' ELSE 'bottom' END, "
    "(ARRAY['video.view', 'ad.click', 'checkout.complete'])[n % 3 + 1], "
    "CASE n % 5 WHEN 0 THEN 'user ' || n / 2 ELSE md5('{2}' || n / 2)::uuid::text END, 'Some "
    "Body', "
    "15 + n % 60, (ARRAY['male', 'female'])[n % 2 + 1], 'country ' || n % 11, 'city ' || n % 97, "
    "CASE n % 3 WHEN 2 THEN 'campaign ' || n END, "
    "CASE n % 3 WHEN 0 THEN NULL ELSE 'mobile' END, "
    "CASE n % 3 WHEN 2 THEN n % 1000 / 100.0 END "
    "FROM generate_series(0, {3} - 1) AS n";
constexpr auto kInsertTikTok =
    "INSERT INTO {0} (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, "
    "username, followers, device, country, purchase_amount) "
    "SELECT '{2}-' || n, '{1} 00:00:00+00'::timestamptz + n * interval '7.000013 seconds', now(), "
    "CASE n % 2 WHEN 0 THEN 'top' ELSE 'bottom' END, (ARRAY['like', 'purchase'])[n % 2 + 1], "
    "md5('{2}' || n / 2)::uuid::text, 'somebody', n * 1000, "
    "CASE n % 2 WHEN 0 THEN 'iOS' END, CASE n % 2 WHEN 0 THEN 'country ' || n % 11 END, "
    "CASE n % 4 WHEN 1 THEN n % 1000 / 100.0 END "
    "FROM generate_series(0, {3} - 1) AS n";

}  // namespace

std::string insert_events(Source source, std::string_view table, std::string_view day,
                          std::string_view name, std::size_t events) {
    return fmt::format(fmt::runtime(source == kFacebook ? kInsertFacebook : kInsertTikTok), table,
                       day, name, events);
}

EventTables::EventTables(std::string url, std::string schema)
    : url_{std::move(url)},
      schema_{std::move(schema)},
      connection_{{.url = config::Secret{url_}, .application_name = "test", .schema = schema_},
                  {}} {
    postgres::migrate(connection_, postgres::embedded_migrations(),
                      {"test", {.level = logging::Level::fatal}});
}

std::string EventTables::add_day(Source source, std::string_view day) {
    auto name = fmt::format("{}_events_p{}", source.name(), day);
    std::erase(name, '-');
    query(
        fmt::format("SELECT add_partition('{}', '{}', '{} 00:00:00+00', "
                    "'{} 00:00:00+00'::timestamptz + interval '24 hours')",
                    source.name(), name, day, day));
    return name;
}

void EventTables::store(Source source, std::string_view day, std::string_view name,
                        std::size_t events) {
    connection_.transact([&](pqxx::work& work) {
        auto table = fmt::format("{}_events_p{}", source.name(), day);
        std::erase(table, '-');
        // The batch alone, in a table of its own: as a segment it is read from there.
        work.exec("SET LOCAL events.counted = 'on'");
        work.exec(
            fmt::format("CREATE TEMP TABLE batch (LIKE {}_events) ON COMMIT DROP", source.name()));
        work.exec(insert_events(source, "batch", day, name, events));
        work.exec(fmt::format("INSERT INTO {} SELECT * FROM batch", table));
        const auto partition =
            work.exec1(fmt::format("SELECT '{}'::regclass::oid", table))[0].as<postgres::Oid>();
        const auto batch = work.exec1("SELECT 'batch'::regclass::oid")[0].as<postgres::Oid>();
        std::optional<segments::NewSegment> segment;
        postgres::read_rows(work, {.source = source, .partition = batch}, postgres::kBeginning,
                            postgres::kEnd, events + 1,
                            [&](std::span<const segments::Record> records) {
                                segment = segments::encode(source, records, {});
                            });
        if (!segment) throw std::runtime_error{"no segment"};
        const std::vector<std::vector<std::byte>> parts{std::move(segment->bytes)};
        const std::vector<postgres::SegmentShare> shares{{partition, segment->shares.front()}};
        if (!postgres::store_segment(work, source, 0, parts, shares, true)) {
            throw std::runtime_error{"the partition is not attached"};
        }
    });
}

std::string EventTables::query(const std::string& sql) {
    return connection_.guarded([&](postgres::Session& session) -> std::string {
        pqxx::nontransaction transaction{session};
        const auto rows = transaction.exec(sql);
        return rows.empty() || rows.columns() == 0 ? "" : rows[0][0].c_str();
    });
}

}  // namespace events::test
