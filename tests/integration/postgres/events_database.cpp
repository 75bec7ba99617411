#include "events_database.hpp"

#include "common/postgres/migrations.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <utility>

namespace events::test {
namespace {

/// The types whose events have revenue, without what the database says of it.
constexpr auto kRevenueTypes =
    "(VALUES ('facebook', 'checkout.complete'), ('tiktok', 'purchase'), ('google', 'conversion')) "
    "AS types (source, event_type)";

/// A statement that selects of a source's rows what hourly_events tells of them.
constexpr auto kRowsOfSources = R"(
SELECT string_agg(format('SELECT %L AS source, occurred_at, event_type, purchase_amount FROM %s',
                         source, parent), ' UNION ALL ')
FROM sources)";

constexpr auto kRecount = R"(
WITH told AS (
    SELECT time, source, event_type, events, orders, revenue FROM hourly_events
), counted AS (
    SELECT date_bin('1 hour', occurred_at, 'epoch'), source, event_type, count(*),
           count(amount), coalesce(sum(amount), 0)
    FROM (SELECT *, CASE WHEN (source, event_type) IN (SELECT * FROM {})
                         THEN purchase_amount END AS amount FROM ({}) AS rows) AS amounts
    GROUP BY 1, 2, 3
)
SELECT string_agg(line, E'\n')
FROM (SELECT 'told: ' || told::text FROM (TABLE told EXCEPT ALL TABLE counted) AS told
      UNION ALL
      SELECT 'counted: ' || counted::text
      FROM (TABLE counted EXCEPT ALL TABLE told) AS counted) AS lines (line))";

constexpr auto kBuilt =
    "SELECT string_agg(name, ' ' ORDER BY name) FROM partition_states "
    "WHERE is_built AND name NOT LIKE '%before_2004'";

constexpr auto kBuild = R"(
DELETE FROM segments WHERE partition = '{0}'::regclass;
DELETE FROM event_changes WHERE partition = '{0}'::regclass;
DELETE FROM partition_marks WHERE partition = '{0}'::regclass;
DELETE FROM built_partitions WHERE partition = '{0}'::regclass;
INSERT INTO built_partitions (partition, source, name, filenode)
SELECT partition, source, name, filenode FROM partitions WHERE partition = '{0}'::regclass;
INSERT INTO segments (source, partition, level, blob, parts, bytes, rows, is_signed, first_time,
                      last_time, hours, funnel_stages, event_types, events, orders, revenues)
SELECT (SELECT source FROM partitions WHERE partition = '{0}'::regclass), '{0}'::regclass, 0,
       nextval('segment_blob_ids'), 1, 0, sum(events), false,
       min(hour), max(hour), array_agg(hour), array_agg(funnel_stage), array_agg(event_type),
       array_agg(events), array_agg(orders), array_agg(revenue)
FROM (SELECT date_bin('1 hour', occurred_at, 'epoch') AS hour, funnel_stage, event_type,
             count(*) AS events, count(purchase_amount) AS orders,
             coalesce(sum(purchase_amount), 0) AS revenue
      FROM {0} GROUP BY 1, 2, 3) AS sums
HAVING count(*) > 0)";

std::string quoted(std::string name) {
    for (auto at = name.find('"'); at != std::string::npos; at = name.find('"', at + 2)) {
        name.insert(at, 1, '"');
    }
    return '"' + name + '"';
}

}  // namespace

EventsDatabase::EventsDatabase(PostgresCluster& cluster) : url_{cluster.make_database()} {
    migrate();
}

EventsDatabase::EventsDatabase(std::string url, std::string schema, std::string tables)
    : url_{std::move(url)}, schema_{std::move(schema)}, tables_{std::move(tables)} {}

std::string EventsDatabase::query(const std::string& sql) const {
    return test::query(
        url_, fmt::format("SET search_path = {}, {}; ", quoted(schema_), quoted(tables_)) + sql);
}

void EventsDatabase::migrate() const {
    const auto url = tables_ == "public" ? url_ : url_ + "?schema=" + tables_;
    postgres::Connection connection{
        {.url = config::Secret{url}, .application_name = "test", .schema = schema_}, {}};
    postgres::migrate(connection, postgres::embedded_migrations(),
                      {"test", {.level = logging::Level::fatal}});
}

void EventsDatabase::add_day(const std::string& day, const std::string& name,
                             const std::string& source) const {
    query(
        fmt::format("SELECT add_partition('{2}', '{0}', '{1}Z', timestamptz '{1}Z' + "
                    "interval '24 hours')",
                    name, day, source));
}

void EventsDatabase::build(const std::string& name) const {
    query(fmt::format(kBuild, name));
}

std::string EventsDatabase::differences() const {
    return query(recount());
}

std::string EventsDatabase::recount() const {
    return fmt::format(kRecount, kRevenueTypes, query(kRowsOfSources));
}

std::string EventsDatabase::built() const {
    return query(kBuilt);
}

std::string EventsDatabase::outcome_of(const std::string& sql) const {
    pqxx::connection connection{url_};
    pqxx::work work{connection};
    work.exec(fmt::format("SET LOCAL search_path = {}, {}", quoted(schema_), quoted(tables_)));
    work.exec(sql);
    return fmt::format("{};{}", work.exec1(recount())[0].c_str(), work.exec1(kBuilt)[0].c_str());
}

std::string insert_event(const std::string& table, const std::string& id, const std::string& time) {
    return fmt::format(
        "INSERT INTO {} (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, "
        "name, age, gender, country, city, purchase_amount) VALUES ('{}', '{}', now(), 'bottom', "
        "'checkout.complete', 'user of {}', 'n', 30, 'female', 'DE', 'Berlin', 12.50)",
        table, id, time, id);
}

TwoDays::TwoDays() {
    add_day("2026-03-01", "first");
    add_day("2026-03-02", "second");
    query(insert_event("facebook_events", "segment-1", "2026-03-01 12:00Z"));
    query(insert_event("facebook_events", "segment-2", "2026-03-02 12:00Z"));
    build("first");
    build("second");
    query(insert_event("facebook_events", "change-1", "2026-03-01 13:00Z"));
    query(insert_event("facebook_events", "change-2", "2026-03-02 13:00Z"));
}

}  // namespace events::test
