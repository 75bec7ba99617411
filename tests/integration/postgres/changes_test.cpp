// What partitions, snapshots and rights have to do with it: segments and changes say what a recount
// of the rows says.
#include "events_database.hpp"
#include "support/await.hpp"

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <future>
#include <string>

namespace events::postgres {
namespace {

using test::insert_event;
using test::TwoDays;

class ChangesTest : public ::testing::Test {
  protected:
    void add(const std::string& id, const std::string& time) const {
        query(insert_event("facebook_events", id, time));
    }
    std::string query(const std::string& sql) const { return db_.query(sql); }
    [[nodiscard]] std::string changes() const {
        return query("SELECT count(*) FROM event_changes");
    }

    TwoDays db_;
};

// VACUUM FULL and CLUSTER keep the rows, and can't be told from what does not.
TEST_F(ChangesTest, OfAPartitionsFileHaveItBuiltAgain) {
    test::query(db_.url(), "VACUUM FULL first");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "second");
    query("ALTER TABLE second RENAME TO renamed");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "");
}

TEST_F(ChangesTest, OfACollectorAreNotNoted) {
    query("SET events.counted = 'on'; " + insert_event("first", "new", "2026-03-01 12:30Z"));
    query("SET events.counted = 'on'; " +
          insert_event("facebook_events", "another", "2026-03-01 12:30Z"));
    EXPECT_EQ(changes(), "2");
    EXPECT_EQ(db_.built(), "first second");
    query("SET events.counted = 'on'; DELETE FROM facebook_events WHERE event_id = 'new'");
    EXPECT_EQ(changes(), "3") << "what a collector deletes is an erasure";
}

TEST_F(ChangesTest, AreThoseOfTheRightPartitionWhateverItsBounds) {
    query(
        "CREATE TABLE month PARTITION OF facebook_events FOR VALUES FROM ('2026-04-01Z') TO "
        "('2026-05-01Z'); SELECT watch_partition('facebook', 'month');"
        "CREATE TABLE rest PARTITION OF facebook_events DEFAULT;"
        "SELECT watch_partition('facebook', 'rest');"
        "CREATE TABLE later PARTITION OF facebook_events FOR VALUES FROM ('2030-01-01Z') TO "
        "(MAXVALUE); SELECT watch_partition('facebook', 'later')");
    for (const auto* table : {"month", "rest", "later"}) db_.build(table);
    EXPECT_EQ(db_.built(), "first later month rest second");
    for (const auto* time :
         {"1999-12-31 23:59Z", "2004-01-01Z", "2026-02-28 23:59:59.999999Z", "2026-03-03Z",
          "2026-03-31 12:00Z", "2026-04-30 23:00Z", "2026-05-01Z", "2029-12-31Z", "2035-01-01Z"}) {
        add(time, time);
    }
    query("UPDATE facebook_events SET purchase_amount = 1 WHERE event_id LIKE '20%'");
    query("DELETE FROM facebook_events WHERE event_id IN ('2026-03-31 12:00Z', '2035-01-01Z')");
    query("DELETE FROM rest WHERE event_id = '2026-05-01Z'");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "first later month rest second");
    EXPECT_EQ(query("SELECT string_agg(name || ' ' || rows, ', ' ORDER BY name) FROM (SELECT name, "
                    "sum(CASE WHEN taken_back THEN -1 ELSE 1 END) AS rows FROM event_changes "
                    "JOIN partitions USING (partition) GROUP BY name) AS sums"),
              "facebook_events_before_2004 1, first 1, later 0, month 1, rest 4, second 1");
}

TEST_F(ChangesTest, AreReadFromTheRowsWherePartitionsHavePartitions) {
    query(
        "CREATE TABLE april PARTITION OF facebook_events FOR VALUES FROM ('2026-04-01Z') TO "
        "('2026-05-01Z') PARTITION BY HASH (event_id);"
        "CREATE TABLE april_0 PARTITION OF april FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE april_1 PARTITION OF april FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
    for (const auto* id : {"a", "b", "c", "d"}) add(id, "2026-04-01 12:00Z");
    query(insert_event("april", "e", "2026-04-01 12:00Z"));
    query("DELETE FROM april_0");
    query("UPDATE facebook_events SET purchase_amount = 1");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "first second");
}

TEST_F(ChangesTest, OfATableThatIsAttachedAreSeenAtOnce) {
    query("CREATE TABLE april (LIKE facebook_events INCLUDING ALL); " +
          insert_event("april", "a", "2026-04-02 12:00Z") +
          "; ALTER TABLE facebook_events ATTACH PARTITION april FOR VALUES FROM ('2026-04-01Z') TO "
          "('2026-05-01Z')");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(query("SELECT rebuild_day('facebook', '2026-04-02')"), "1");
    EXPECT_EQ(query("SELECT rebuild_day('facebook', '2026-06-02')"), "0");
    query("SELECT watch_partition('facebook', 'april')");
    query("SELECT watch_partition('facebook', 'april')");
    db_.build("april");
    query("DELETE FROM april");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "april first second");
}

// An unlogged table is empty after a crash, and keeps its file's name.
TEST_F(ChangesTest, AreReadFromTheRowsOfAnUnloggedPartition) {
    query(
        "ALTER TABLE facebook_events DETACH PARTITION first; ALTER TABLE first SET UNLOGGED; "
        "ALTER TABLE facebook_events ATTACH PARTITION first "
        "FOR VALUES FROM ('2026-03-01Z') TO ('2026-03-02Z')");
    db_.build("first");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "second");
}

TEST_F(ChangesTest, AreNotedWithoutARightToOurSchema) {
    query(
        "CREATE ROLE changes_stranger; GRANT SELECT, INSERT, UPDATE, DELETE ON facebook_events, "
        "first TO changes_stranger");
    const std::string as_stranger =
        "SET ROLE changes_stranger; SET search_path = pg_catalog; SET TimeZone = 'Asia/Kolkata'; "
        "SET DateStyle = 'German, DMY'; ";
    for (const auto* sql :
         {"UPDATE public.facebook_events SET purchase_amount = 3", "DELETE FROM public.first",
          "DELETE FROM public.facebook_events WHERE event_id = 'segment-2'"}) {
        query(as_stranger + sql);
    }
    query(as_stranger + insert_event("public.facebook_events", "new", "2026-03-01 12:30Z"));
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "first second");
    query("DROP OWNED BY changes_stranger; DROP ROLE changes_stranger");
}

// The rows of a snapshot's transaction go where the partitions are, not where it sees them.
TEST_F(ChangesTest, OfATransactionThatKeepsItsSnapshotAreFoundInNewPartitions) {
    pqxx::connection connection{db_.url()};
    pqxx::transaction<pqxx::isolation_level::repeatable_read> work{connection};
    work.exec("SELECT 1");
    db_.add_day("2026-03-05", "fifth");
    query("ALTER TABLE facebook_events DETACH PARTITION second");
    db_.add_day("2026-03-02", "replacement");
    EXPECT_EQ(db_.built(), "fifth first replacement");
    work.exec(insert_event("facebook_events", "a", "2026-03-05 12:00Z"));
    work.exec(insert_event("facebook_events", "b", "2026-03-02 12:00Z"));
    work.exec(insert_event("facebook_events", "c", "2026-03-01 09:00Z"));
    work.commit();
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "first");
    query(
        "ALTER TABLE facebook_events DETACH PARTITION replacement; ALTER TABLE facebook_events "
        "ATTACH PARTITION second FOR VALUES FROM ('2026-03-02Z') TO ('2026-03-03Z')");
    EXPECT_EQ(db_.differences(), "");
}

TEST_F(ChangesTest, OfAPartitionThatIsBeingDetachedAreNoted) {
    pqxx::connection connection{db_.url()};
    pqxx::work work{connection};
    work.exec("DECLARE rows CURSOR FOR SELECT * FROM facebook_events");
    // A cursor's snapshot sees the partition; what it finds there is changed below.
    auto detaching = std::async(std::launch::async, [&] {
        test::query(db_.url(), "ALTER TABLE facebook_events DETACH PARTITION first CONCURRENTLY");
    });
    ASSERT_TRUE(test::await(
        [&] { return query("SELECT count(*) FROM partitions WHERE is_leaving") == "1"; }));
    work.exec("DELETE FROM first WHERE event_id = 'segment-1'");
    EXPECT_EQ(db_.differences(), "");
    work.commit();
    detaching.get();
    query(
        "ALTER TABLE facebook_events ATTACH PARTITION first "
        "FOR VALUES FROM ('2026-03-01Z') TO ('2026-03-02Z')");
    EXPECT_EQ(db_.differences(), "");
    EXPECT_EQ(db_.built(), "first second");
}

}  // namespace
}  // namespace events::postgres
