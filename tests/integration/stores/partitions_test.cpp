#include "common/collector/event_table.hpp"
#include "common/postgres/partition_map.hpp"
#include "common/sources/facebook.hpp"
#include "sample_events.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <latch>
#include <vector>

namespace events {
namespace {

using namespace std::chrono;
using namespace test;

constexpr auto kCountPartitions =
    "SELECT count(*) FROM pg_inherits WHERE inhparent = 'facebook_events'::regclass";

class PartitionsTest : public ::testing::Test {
  protected:
    std::string query(const std::string& sql) const { return test::query(url_, sql); }

    std::string url_ = make_events_database();
    collector::EventTable store_{options_for(url_), kFacebook};
};

TEST_F(PartitionsTest, AreMadeByManyCollectorsAtOnce) {
    constexpr int kCollectors = 6;
    std::latch start{kCollectors};
    std::vector<std::future<void>> collectors;
    for (int collector = 0; collector < kCollectors; ++collector) {
        collectors.push_back(std::async(std::launch::async, [&] {
            postgres::Connection connection{options_for(url_), {}};
            postgres::PartitionMap partitions{kFacebook};
            std::vector<sys_days> wanted;
            for (int day = 0; day < 20; ++day) wanted.push_back(floor<days>(kNoon) + days{day});
            start.arrive_and_wait();
            partitions.ensure(connection, wanted);
        }));
    }
    for (auto& collector : collectors) EXPECT_NO_THROW(collector.get());
    EXPECT_EQ(query(kCountPartitions), "21");  // and the one for everything before 2004
}

TEST_F(PartitionsTest, HaveTheKeyOfTheirTable) {
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon)}), 1U);
    EXPECT_EQ(
        query("SELECT count(*) FROM pg_index i JOIN pg_inherits h ON h.inhrelid = i.indexrelid "
              "WHERE i.indrelid = 'facebook_events_p20260301'::regclass AND i.indisvalid"),
        "1");
}

TEST_F(PartitionsTest, LetReadersAndWritersOfOtherDaysGoOnMeanwhile) {
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon)}), 1U);
    // A report and another collector are in the middle of their transactions.
    pqxx::connection reporter{url_};
    pqxx::work report{reporter};
    report.exec("SELECT count(*) FROM facebook_events");
    pqxx::connection collector{url_};
    pqxx::work batch{collector};
    batch.exec(
        "INSERT INTO facebook_events SELECT 'other', occurred_at, received_at, funnel_stage, "
        "event_type, user_id, name, age, gender, country, city FROM facebook_events");
    // Waiting for either of them would end in a statement timeout.
    auto options = options_for(url_);
    options.statement_timeout = 20s;
    collector::EventTable impatient{options, kFacebook};
    EXPECT_EQ(impatient.store(std::array{facebook_view("b", kNoon + days{1})}), 1U);
    EXPECT_EQ(report.exec("SELECT count(*) FROM facebook_events")[0][0].as<int>(), 2);
    batch.commit();
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "3");
}

TEST_F(PartitionsTest, AreMadeAgainWhenRetentionDroppedThem) {
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon), facebook_view("x", kNoon + 24h)}),
              2U);
    query("DROP TABLE facebook_events_p20260301");
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "1");
    EXPECT_EQ(store_.store(std::array{facebook_view("b", kNoon), facebook_view("y", kNoon + 24h)}),
              2U);
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events_p20260301"), "1");
}

// A day that was archived came back with all its rows when a late event of it arrived.
TEST_F(PartitionsTest, ThatWereDetachedStayDetached) {
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon)}), 1U);
    query("ALTER TABLE facebook_events DETACH PARTITION facebook_events_p20260301");
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon), facebook_view("b", kNoon)}), 2U);
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "2");
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events_p20260301"), "1");
    query("ALTER TABLE facebook_events DETACH PARTITION facebook_events_p20260301_2");
    collector::EventTable another{options_for(url_), kFacebook};
    EXPECT_EQ(another.store(std::array{facebook_view("c", kNoon)}), 1U);
    EXPECT_EQ(query("SELECT string_agg(event_id || ' ' || tableoid::regclass, ', ') "
                    "FROM facebook_events"),
              "c facebook_events_p20260301_3");
}

struct Squatter {
    const char* name;
    const char* made;
};

class SquattedName : public PartitionsTest, public ::testing::WithParamInterface<Squatter> {};

// One late event stopped its whole source for good.
TEST_P(SquattedName, LeavesADayAFreeOne) {
    query(GetParam().made);
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon)}), 1U);
    EXPECT_EQ(query("SELECT tableoid::regclass FROM facebook_events"),
              "facebook_events_p20260301_2");
}

INSTANTIATE_TEST_SUITE_P(
    Names, SquattedName,
    ::testing::Values(Squatter{"Table", "CREATE TABLE facebook_events_p20260301 (mine int)"},
                      Squatter{"View", "CREATE VIEW facebook_events_p20260301 AS SELECT 1"},
                      Squatter{"Type", "CREATE TYPE facebook_events_p20260301 AS (mine int)"},
                      Squatter{"PartitionOfAnotherDay",
                               "CREATE TABLE facebook_events_p20260301 PARTITION OF "
                               "facebook_events FOR VALUES FROM ('2025-01-01 00:00+00') TO "
                               "('2025-01-02 00:00+00')"}),
    [](const auto& test) { return test.param.name; });

TEST_F(PartitionsTest, OfSomebodyElsesMakingAreUsedWhateverTheirBounds) {
    query(
        "CREATE TABLE march PARTITION OF facebook_events FOR VALUES "
        "FROM ('2026-03-01 06:00+00') TO ('2026-04-01 00:00+00')");
    EXPECT_EQ(
        store_.store(std::array{facebook_view("night", kNoon - 11h), facebook_view("noon", kNoon),
                                facebook_view("later", kNoon + 24h)}),
        3U);
    EXPECT_EQ(query("SELECT string_agg(event_id || ' ' || tableoid::regclass, ', ' ORDER BY "
                    "occurred_at) FROM facebook_events"),
              "night facebook_events_p20260301, noon march, later march");
}

TEST_F(PartitionsTest, AreNotNeededWhereADefaultOneHasTheDaysRows) {
    query("CREATE TABLE rest PARTITION OF facebook_events DEFAULT");
    query(
        "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage, "
        "event_type, user_id, name, age, gender, country, city) VALUES ('theirs', '2026-03-01 "
        "12:00Z', now(), 'top', 'ad.view', 'u', 'n', 30, 'female', 'DE', 'Berlin')");
    EXPECT_EQ(
        store_.store(std::array{facebook_view("ours", kNoon), facebook_view("other", kNoon + 24h)}),
        2U);
    EXPECT_EQ(query("SELECT string_agg(event_id || ' ' || tableoid::regclass, ', ' ORDER BY "
                    "event_id) FROM facebook_events"),
              "other facebook_events_p20260302, ours rest, theirs rest");
}

TEST_F(PartitionsTest, ThatAreBeingDetachedMakeTheirEventsWait) {
    EXPECT_EQ(store_.store(std::array{facebook_view("a", kNoon)}), 1U);
    // A transaction that uses the partition keeps a concurrent detachment in its first half.
    pqxx::connection reporter{url_};
    pqxx::work report{reporter};
    report.exec("SELECT count(*) FROM facebook_events");
    auto detaching = std::async(std::launch::async, [&] {
        query(
            "ALTER TABLE facebook_events DETACH PARTITION facebook_events_p20260301 "
            "CONCURRENTLY");
    });
    ASSERT_TRUE(await(
        [&] { return query("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == "1"; }));
    EXPECT_THROW(store_.store(std::array{facebook_view("b", kNoon)}), postgres::Refused);
    report.commit();
    detaching.get();
    query("DROP TABLE facebook_events_p20260301");
    EXPECT_EQ(store_.store(std::array{facebook_view("b", kNoon)}), 1U);
}

TEST_F(PartitionsTest, AreNotMadeForDaysBefore2004) {
    std::vector<collector::StorableEvent> events;
    for (int day = 1; day <= 5'000; ++day) {
        events.push_back(facebook_view("a", sys_days{2004y / 1 / 1} - days{day}));
    }
    EXPECT_EQ(store_.store(events), events.size());
    EXPECT_EQ(query(kCountPartitions), "1");
}

TEST(Partitions, MayBeMoreInABatchThanTheServerHasLocksFor) {
    // In one transaction this ends in "out of shared memory", for ever: a sender may put a day of
    // its own into each event, and each partition takes about three of the server's locks.
    PostgresCluster cluster{{"max_locks_per_transaction=10", "max_connections=10",
                             "max_wal_senders=0", "max_worker_processes=1"}};
    const auto url = make_events_database(cluster);
    collector::EventTable store{options_for(url), kFacebook};
    constexpr int kDays = 400;
    std::vector<collector::StorableEvent> events;
    for (int day = 0; day < kDays; ++day) events.push_back(facebook_view("a", kNoon - days{day}));
    EXPECT_EQ(store.store(events), events.size());
    EXPECT_EQ(store.store(events), 0U);
    EXPECT_EQ(test::query(url, kCountPartitions), std::to_string(kDays + 1));
}

}  // namespace
}  // namespace events
