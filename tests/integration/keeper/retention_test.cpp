#include "common/collector/retention.hpp"

#include "common/collector/segment_upkeep.hpp"
#include "common/postgres/partition_map.hpp"
#include "common/sources/facebook.hpp"
#include "keeper_fixture.hpp"
#include "support/log_lines.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace events::collector {
namespace {

using namespace test;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kFarPast = "facebook_events_before_2004";

/// Partitions of 2026-02-28 ("before") and 2026-03-01 ("facebook_day"), and what retention does.
class RetentionTest : public KeeperTest {
  protected:
    RetentionTest() { add("before", "2026-02-28", "2026-03-01"); }

    void add(const std::string& name, const std::string& first, const std::string& until) const {
        query(
            fmt::format("SELECT add_partition('facebook', '{}', '{} 00:00:00+00', "
                        "'{} 00:00:00+00')",
                        name, first, until));
    }
    void retain_from(const std::string& day) const {
        query(fmt::format("SELECT retain_from('facebook', '{}')", day));
    }
    void round() { retention_.round(connection_, {}); }
    void sweep() { SegmentUpkeep{kFacebook, "slow", options()}.sweep(); }

    [[nodiscard]] bool is_there(const std::string& table) const {
        return query(fmt::format("SELECT to_regclass('{}') IS NOT NULL", table)) == "t";
    }
    /// In lines.
    [[nodiscard]] long told(const std::string& part) const {
        const auto text = lines_->text();
        long lines = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
            ++lines;
        }
        return lines;
    }

    std::shared_ptr<LogLines> lines_ = std::make_shared<LogLines>();
    metrics::Registry metrics_;
    postgres::Connection connection_{options(), {}};
    Retention retention_{kFacebook,
                         {.drop_every = 0ms, .measure_every = 0ms},
                         nullptr,
                         make_log(lines_, logging::Level::debug),
                         metrics_};
};

TEST_F(RetentionTest, KeepsEverythingUnlessSomebodySaysOtherwise) {
    round();
    EXPECT_EQ(retention_.first_kept(), std::nullopt);
    EXPECT_TRUE(is_there("before"));
    EXPECT_EQ(count("retained_from"), 0);
    EXPECT_THAT(metrics_.text(),
                AllOf(HasSubstr("retained_days{source=\"facebook\"} +Inf"),
                      HasSubstr("dropped_partitions_total{source=\"facebook\"} 0"),
                      HasSubstr("oldest_day_timestamp_seconds{source=\"facebook\"} 1772236800"),
                      HasSubstr("stored_bytes{source=\"facebook\"} "), HasSubstr("database_bytes "),
                      HasSubstr("database_disk_bytes 0")));
}

TEST_F(RetentionTest, DropsTheDaysBeforeWhatIsKept) {
    collect("before", make_rows(kFacebook, 70, -1, 1));
    collect("facebook_day", make_rows(kFacebook, 30, 0, 2));
    query("DELETE FROM before WHERE event_id = '1--1-7'");
    retain_from("2026-03-01");
    round();
    EXPECT_FALSE(is_there("before"));
    EXPECT_TRUE(is_there("facebook_day"));
    EXPECT_TRUE(is_there("tiktok_day"));
    EXPECT_EQ(retention_.first_kept(), Timestamp{std::chrono::microseconds{kDayBegins}});
    EXPECT_THAT(lines_->text(), AllOf(HasSubstr("a partition is dropped"), HasSubstr("before"),
                                      HasSubstr("2026-02-28"), HasSubstr("69")));
    EXPECT_THAT(metrics_.text(),
                AllOf(HasSubstr("dropped_partitions_total{source=\"facebook\"} 1"),
                      HasSubstr("oldest_day_timestamp_seconds{source=\"facebook\"} 1772323200")));
    sweep();
    EXPECT_EQ(count("segments"), 1);
    EXPECT_EQ(count("segment_blobs"), 1);
    EXPECT_EQ(count("event_changes"), 0);
    EXPECT_EQ(query("SELECT sum(events) FROM hourly_events"), "30");
    expect_exact();
    round();
    EXPECT_EQ(told("a partition is dropped"), 1);
}

TEST_F(RetentionTest, CountsTheDaysByTheClock) {
    query(
        "SELECT add_partition('facebook', 'today', date_trunc('day', now(), 'UTC'), "
        "date_trunc('day', now(), 'UTC') + interval '24 hours')");
    Retention daily{kFacebook,
                    {.days = std::chrono::days{2}},
                    nullptr,
                    make_log(lines_, logging::Level::debug),
                    metrics_};
    EXPECT_NE(daily.first_kept(), std::nullopt) << "nothing older is stored, and from the start on";
    const auto before = *daily.first_kept();
    daily.round(connection_, {});
    EXPECT_FALSE(is_there("before"));
    EXPECT_FALSE(is_there("facebook_day"));
    EXPECT_TRUE(is_there("today"));
    // The database's day is the same or, in the first minutes of a day, the one before.
    const auto kept = query("SELECT first FROM retained_from WHERE source = 'facebook'");
    EXPECT_EQ(query("SELECT first <= date_trunc('day', now(), 'UTC') - interval '48 hours' AND "
                    "first >= date_trunc('day', now(), 'UTC') - interval '96 hours' "
                    "FROM retained_from"),
              "t")
        << kept;
    EXPECT_GE(*daily.first_kept(), before);
}

// Nothing of a day is stored from midnight on, but it is dropped only when a batch in hand, or a
// collector whose clock is behind, has long stored its own.
TEST_F(RetentionTest, ADayIsDroppedAfterTheGraceOnly) {
    Retention patient{kFacebook,
                      {.days = std::chrono::days{2}, .grace = std::chrono::days{36'500}},
                      nullptr,
                      make_log(lines_, logging::Level::debug),
                      metrics_};
    patient.round(connection_, {});
    EXPECT_TRUE(is_there("before"));
    EXPECT_GT(patient.first_kept(), Timestamp{std::chrono::microseconds{kDayBegins}});
}

// A machine whose clock was set to 2100 would have dropped everything.
TEST_F(RetentionTest, AClockThatIsAheadDropsNothing) {
    metrics::Registry metrics;
    const auto silent = make_log(std::make_shared<LogLines>(), logging::Level::fatal);
    clock::Comparison database{"postgres", silent, metrics};
    const auto now = clock::now();
    const auto theirs = Timestamp{std::chrono::microseconds{kDayBegins}};
    database.note({.before = now, .theirs = theirs, .after = now});
    const Retention daily{kFacebook, {.days = std::chrono::days{1}}, &database, silent, metrics};
    EXPECT_LE(daily.first_kept(), theirs) << "the earlier clock counts";
}

TEST_F(RetentionTest, IsNeverTakenBackAndNeverInTheFuture) {
    retain_from("2026-03-01");
    retain_from("2026-02-01");
    EXPECT_EQ(query("SELECT first FROM retained_from"), "2026-03-01 00:00:00+00");
    EXPECT_THROW(query("SELECT retain_from('facebook', (now() + interval '48 hours')::date)"),
                 pqxx::sql_error);
    EXPECT_THROW(query("SELECT retain_from('myspace', '2026-03-01')"), pqxx::sql_error);
}

TEST_F(RetentionTest, ADroppedDayDoesNotComeBack) {
    retain_from("2026-03-02");
    round();
    postgres::PartitionMap map{kFacebook};
    using std::chrono::sys_days;
    const std::vector<sys_days> gone{sys_days{std::chrono::year{2026} / 3 / 1}};
    EXPECT_THROW(map.ensure(connection_, gone), postgres::Unavailable);
    const std::vector<sys_days> kept{sys_days{std::chrono::year{2026} / 3 / 2}};
    map.ensure(connection_, kept);
    round();
    EXPECT_TRUE(is_there("facebook_events_p20260302"));
    EXPECT_FALSE(is_there("facebook_events_p20260301"));
}

TEST_F(RetentionTest, ThePartitionOfTheFarPastIsEmptiedAndStays) {
    query(insert("facebook_events", make_rows(kFacebook, 5, -20'000, 1)));
    retain_from("2026-02-28");
    round();
    EXPECT_EQ(count(kFarPast), 0);
    EXPECT_EQ(count("facebook_events"), 0);
    EXPECT_TRUE(is_built(kFarPast));
    EXPECT_EQ(query("SELECT count(*) FROM hourly_events"), "0");
    round();
    EXPECT_EQ(told("a partition is dropped"), 1) << "an empty one stays as it is";
}

TEST_F(RetentionTest, APartitionOfALongerTimeStaysUntilAllOfItIsOver) {
    add("month", "2026-04-01", "2026-05-01");
    query(insert("facebook_events", make_rows(kFacebook, 3, 35, 1)));
    query("CREATE TABLE public.rest PARTITION OF facebook_events DEFAULT");
    retain_from("2026-04-20");
    round();
    round();
    EXPECT_TRUE(is_there("month"));
    EXPECT_EQ(count("month"), 3);
    EXPECT_EQ(told("when all of its time is over"), 1) << lines_->text();
    EXPECT_THAT(lines_->text(), Not(HasSubstr("rest"))) << "which has no event";
    retain_from("2026-05-01");
    round();
    EXPECT_FALSE(is_there("month"));
}

TEST_F(RetentionTest, APartitionThatIsNoPlainTableIsItsOwners) {
    query(
        "CREATE TABLE public.split PARTITION OF facebook_events FOR VALUES FROM ('2026-02-01Z') "
        "TO ('2026-02-02Z') PARTITION BY RANGE (occurred_at)");
    query(
        "CREATE TABLE public.half PARTITION OF split FOR VALUES FROM ('2026-02-01Z') "
        "TO ('2026-02-02Z')");
    query(insert("half", make_rows(kFacebook, 3, -28, 1)));
    retain_from("2026-03-01");
    round();
    round();
    EXPECT_EQ(count("split"), 3);
    EXPECT_FALSE(is_there("before"));
    EXPECT_EQ(told("its owner has to drop it"), 1) << lines_->text();
}

TEST_F(RetentionTest, WhatIsInUseIsLeftAloneAndDroppedLater) {
    retain_from("2026-03-02");
    pqxx::connection reader{url_};
    pqxx::work reading{reader};
    reading.exec("SELECT count(*) FROM before");
    round();
    round();
    EXPECT_TRUE(is_there("before"));
    EXPECT_FALSE(is_there("facebook_day")) << "nobody uses it";
    EXPECT_EQ(told("can't be dropped"), 1) << "once a day";
    EXPECT_THAT(metrics_.text(), HasSubstr("overdue_partitions{source=\"facebook\"} 1"));
    // Nothing of ours waits for it now.
    EXPECT_EQ(query("SELECT count(*) FROM pg_locks WHERE NOT granted"), "0");
    reading.abort();
    round();
    EXPECT_FALSE(is_there("before"));
    EXPECT_THAT(metrics_.text(), HasSubstr("overdue_partitions{source=\"facebook\"} 0"));
}

// An operator detaches a day to keep it elsewhere: it is his.
TEST_F(RetentionTest, WhatIsDetachedIsNotTouched) {
    query("ALTER TABLE facebook_events DETACH PARTITION before");
    retain_from("2026-03-02");
    round();
    EXPECT_TRUE(is_there("before"));
    EXPECT_FALSE(is_there("facebook_day"));
    EXPECT_EQ(query("SELECT events FROM drop_partition('facebook', 'before'::regclass::oid)"), "");
    EXPECT_TRUE(is_there("before"));
}

TEST_F(RetentionTest, APartitionWithSomethingThatDependsOnItIsTold) {
    query("CREATE VIEW public.reading AS SELECT * FROM before");
    retain_from("2026-03-02");
    round();
    EXPECT_TRUE(is_there("before"));
    EXPECT_FALSE(is_there("facebook_day"));
    EXPECT_EQ(told("can't be dropped"), 1) << lines_->text();
}

TEST_F(RetentionTest, TwoMayDoItAtOnce) {
    retain_from("2026-03-02");
    metrics::Registry others_metrics;
    Retention other{kFacebook,
                    {.drop_every = 0ms},
                    nullptr,
                    make_log(lines_, logging::Level::debug),
                    others_metrics};
    postgres::Connection connection{options(), {}};
    std::jthread twin{[&] { other.round(connection, {}); }};
    round();
    twin.join();
    round();
    EXPECT_FALSE(is_there("before"));
    EXPECT_EQ(told("a partition is dropped"), 2);
    EXPECT_EQ(told("can't"), 0) << lines_->text();
}

}  // namespace
}  // namespace events::collector
