// Other users of the database: what they do harms us as little as what we do harms them.
#include "common/postgres/migrations.hpp"
#include "events_database.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace events::postgres {
namespace {

using test::EventsDatabase;
using test::insert_event;
using ::testing::HasSubstr;

void fill(const EventsDatabase& db) {
    db.add_day("2026-03-01", "first");
    db.query(insert_event("facebook_events", "a", "2026-03-01 12:00Z"));
    db.build("first");
    db.query(insert_event("facebook_events", "b", "2026-03-01 13:00Z"));
}

std::string refusal_of(const EventsDatabase& db) {
    try {
        db.migrate();
    } catch (const MigrationRefused& refused) {
        return refused.what();
    }
    return "";
}

TEST(Neighbours, TwoInstallationsShareADatabase) {
    const EventsDatabase first;
    first.query("CREATE SCHEMA tables");
    const EventsDatabase second{first.url(), "other \"events\"", "tables"};
    second.migrate();
    second.migrate();
    fill(first);
    fill(second);
    second.query("UPDATE facebook_events SET purchase_amount = 1");
    for (const auto* db : {&first, &second}) {
        EXPECT_EQ(db->differences(), "");
        EXPECT_EQ(db->built(), "first");
    }
    EXPECT_EQ(first.query("SELECT sum(revenue) FROM hourly_events"), "25.00");
    EXPECT_EQ(second.query("SELECT sum(revenue) FROM hourly_events"), "2.00");
    second.query("DROP SCHEMA \"other \"\"events\"\"\" CASCADE; DROP SCHEMA tables CASCADE");
    first.query("DELETE FROM facebook_events WHERE event_id = 'a'");
    EXPECT_EQ(first.differences(), "");
    EXPECT_EQ(first.built(), "first");
}

TEST(Neighbours, AllMayStandInOneSchema) {
    const EventsDatabase db{test::postgres_cluster().make_database(), "public", "public"};
    db.query("CREATE TABLE schema_migrations (version text); CREATE TABLE migrations (id int)");
    db.migrate();
    fill(db);
    EXPECT_EQ(db.differences(), "");
    EXPECT_EQ(db.built(), "first");
}

TEST(Neighbours, ASecondInstallationDoesNotTakeTheFirstOnesTables) {
    const EventsDatabase first;
    EXPECT_THAT(refusal_of({first.url(), "others", "public"}), HasSubstr("DATABASE_SCHEMA"));
    EXPECT_EQ(first.query("SELECT to_regnamespace('others') IS NULL"), "t");
}

// As the former versions left it.
TEST(Neighbours, AFormerDatabaseIsRefusedAndLeftAlone) {
    const EventsDatabase db{test::postgres_cluster().make_database(), "events", "public"};
    db.query(
        "CREATE TABLE schema_migrations (number int PRIMARY KEY, name text, checksum text); "
        "INSERT INTO schema_migrations VALUES (1, '0001_events.sql', 'abc'); "
        "CREATE TABLE facebook_events (event_id text, occurred_at timestamptz, received_at "
        "timestamptz, funnel_stage text)");
    EXPECT_THAT(refusal_of(db), HasSubstr("docs/upgrading.md"));
    EXPECT_EQ(db.query("SELECT to_regnamespace('events') IS NULL"), "t");
    db.query("DROP TABLE facebook_events");
    db.migrate();
}

TEST(Neighbours, DoTheirDefinitionsAndAlterations) {
    const EventsDatabase db;
    fill(db);
    EXPECT_EQ(db.query("SELECT count(*) FROM pg_event_trigger"), "0");
    db.query("CREATE ROLE neighbour; CREATE SCHEMA theirs AUTHORIZATION neighbour");
    db.query("GRANT CREATE ON DATABASE " + db.query("SELECT current_database()") + " TO neighbour");
    db.query(
        "SET ROLE neighbour; SET search_path = theirs; CREATE TABLE t (n int); "
        "ALTER TABLE t ADD m int; CREATE TABLE parts (n int) PARTITION BY RANGE (n); "
        "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (2); "
        "ALTER TABLE parts DETACH PARTITION part; TRUNCATE part; DROP TABLE part; "
        "CREATE PUBLICATION theirs");
    EXPECT_EQ(db.differences(), "");
    EXPECT_EQ(db.built(), "first");
    db.query("DROP OWNED BY neighbour; DROP ROLE neighbour");
}

TEST(Neighbours, ADumpThatIsRestoredIsBuiltAgainFromItsRows) {
    const EventsDatabase db;
    fill(db);
    db.query(
        "CREATE TABLE month PARTITION OF facebook_events FOR VALUES FROM ('2026-04-01Z') TO "
        "('2026-05-01Z')");
    db.query(insert_event("month", "m", "2026-04-01 13:00Z"));
    const EventsDatabase restored{test::postgres_cluster().make_database(), "events", "public"};
    const test::TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status = test::run(
        {.command = {"bash", "-c",
                     "set -o pipefail; pg_dump -d \"$0\" | psql -X -q -1 -v ON_ERROR_STOP=1 -d "
                     "\"$1\"",
                     db.url(), restored.url()},
         .environment = {},
         .output = output,
         .user = {}});
    ASSERT_EQ(status.code, 0) << test::read_file(output);
    restored.migrate();
    EXPECT_EQ(restored.differences(), "");
    EXPECT_EQ(restored.built(), "");
    // What stands there of an oid that a partition gets now is another one's.
    const auto next = restored.query("SELECT max(partition)::bigint + 1 FROM partitions");
    restored.query(fmt::format(
        "INSERT INTO built_partitions SELECT n, source, name, n FROM built_partitions, "
        "generate_series({0}, {0} + 100) AS n WHERE name = 'first'; "
        "INSERT INTO event_changes (source, partition, taken_back, occurred_at, user_id, "
        "funnel_stage, event_type) SELECT 'facebook', n, false, '2026-03-02 12:00Z', 'u', 'top', "
        "'ad.view' FROM generate_series({0}, {0} + 100) AS n",
        next));
    restored.add_day("2026-03-02", "second");
    EXPECT_EQ(restored.built(), "second");
    restored.query(insert_event("facebook_events", "c", "2026-03-02 13:00Z"));
    restored.build("first");
    restored.query("DELETE FROM first WHERE event_id = 'a'");
    EXPECT_EQ(restored.differences(), "");
    EXPECT_EQ(restored.built(), "first second");
}

// Debezium's: without a key UPDATE and DELETE of a published table are refused.
TEST(Neighbours, APublicationOfAllTablesLetsEveryStatementThrough) {
    test::PostgresCluster cluster{{"wal_level=logical"}};
    const EventsDatabase db{cluster};
    fill(db);
    db.query("CREATE PUBLICATION everything FOR ALL TABLES");
    db.query("SELECT pg_create_logical_replication_slot('slot', 'pgoutput')");
    db.add_day("2026-03-02", "second");
    for (const auto* table : {"facebook_events", "first"}) {
        db.query(insert_event(table, table, "2026-03-01 15:00Z"));
        db.query(fmt::format("UPDATE {} SET purchase_amount = 4", table));
        db.query(fmt::format("DELETE FROM {} WHERE event_id = 'a'", table));
    }
    db.query("UPDATE facebook_events SET occurred_at = occurred_at + interval '24 hours'");
    EXPECT_EQ(db.query("SELECT string_agg(relname, ' ') FROM pg_class JOIN pg_namespace "
                       "ON pg_namespace.oid = relnamespace WHERE relkind IN ('r', 'p') "
                       "AND nspname IN ('events', 'public') AND NOT EXISTS (SELECT FROM pg_index "
                       "WHERE indrelid = pg_class.oid AND indisprimary)"),
              "")
        << "tables without a key";
    for (const auto* table : {"segments", "event_changes", "partition_marks", "built_partitions",
                              "segment_blobs", "events_migrations", "retained_from", "erasures",
                              "erasure_list", "event_types", "sources"}) {
        db.query(fmt::format("UPDATE {0} SET {1} = {1}; DELETE FROM {0}", table,
                             db.query(fmt::format("SELECT attname FROM pg_attribute WHERE attrelid "
                                                  "= '{}'::regclass AND attnum = 2",
                                                  table))));
    }
}

}  // namespace
}  // namespace events::postgres
