// Reports in every state that the database can be in, each compared with a recount of its rows.

#include "random_filter.hpp"
#include "recount.hpp"
#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::Gt;

class SegmentsTest : public ::testing::Test {
  protected:
    SegmentsTest() {
        prepare_days(url_);
        store(url_, random_events(20'261'130, 400));
    }

    void sql(const std::string& text) const { test::query(url_, text); }

    /// Asks random questions and recounts each.
    void expect_exact(int questions = 25) {
        const auto rows = read_events(url_);
        for (const auto& [name, report] : kCategories) {
            for (int i = 0; i < questions && !HasFailure(); ++i) {
                const auto filter = random_filter(rows, random_);
                const auto grouping = random_grouping(random_);
                const auto target = std::string{name} + "?" + filter.query() + grouping.query();
                EXPECT_EQ(server().get(target).body, recount(report, rows, filter, grouping))
                    << target;
            }
        }
    }
    [[nodiscard]] ReporterServer& server() {
        if (!server_) server_.emplace(url_);
        return *server_;
    }
    [[nodiscard]] double rows_read() { return server().counter("rows_read_instead_total"); }

    std::string url_ = test::postgres_cluster().make_database();
    std::optional<ReporterServer> server_;
    std::mt19937 random_{42};
    SegmentBuilder builder_{url_};
};

TEST_F(SegmentsTest, ReadChangesThatNoSegmentHasYet) {
    expect_exact();
    EXPECT_EQ(rows_read(), 0) << "the partitions are built, their rows are in event_changes";
}

TEST_F(SegmentsTest, ReadManySegmentsOfAFewEvents) {
    builder_.build(7);
    expect_exact(60);
    EXPECT_EQ(rows_read(), 0);
}

TEST_F(SegmentsTest, ReadSegmentsOfSeveralParts) {
    builder_.build_in_parts(20);
    expect_exact();
    EXPECT_EQ(rows_read(), 0);
}

TEST_F(SegmentsTest, ReadABlobThatSeveralPartitionsShare) {
    builder_.build_shared();
    expect_exact();
    EXPECT_EQ(rows_read(), 0);
}

TEST_F(SegmentsTest, ReadTheRowsOfPartitionsThatAreNotBuilt) {
    builder_.build(50);
    sql("DELETE FROM events.built_partitions WHERE source = 'facebook'");
    sql("INSERT INTO events.partition_marks (partition) "
        "SELECT partition FROM events.attached_partitions WHERE source = 'tiktok' "
        "AND first = '2026-03-02 00:00:00+00'");
    expect_exact();
    EXPECT_THAT(rows_read(), Gt(0));
}

TEST_F(SegmentsTest, TakeEventsBackThatWereDeletedOrChanged) {
    builder_.build(50);
    sql("DELETE FROM facebook_events WHERE hashtext(event_id) % 3 = 0");
    sql("DELETE FROM tiktok_events WHERE user_id IN ('user-1', 'user-2')");
    sql("UPDATE facebook_events SET country = 'Elsewhere', age = 99 "
        "WHERE hashtext(event_id) % 5 = 1");
    sql("UPDATE tiktok_events SET purchase_amount = 1.01 WHERE event_type = 'purchase'");
    // Also to another partition.
    sql("UPDATE tiktok_events SET occurred_at = occurred_at + interval '1 day' "
        "WHERE occurred_at < '2026-03-02' AND hashtext(event_id) % 4 = 1");
    expect_exact();
    builder_.fold_changes();
    expect_exact();
    EXPECT_EQ(rows_read(), 0);
}

TEST_F(SegmentsTest, CountAUserNoMoreWhoseLastEventIsTakenBack) {
    builder_.build(50);
    sql("DELETE FROM facebook_events WHERE user_id <> 'user-7'");
    sql("DELETE FROM tiktok_events");
    expect_exact(5);
    builder_.fold_changes();
    expect_exact(5);
    EXPECT_EQ(server().get("demographics").body, R"({"userCount":1})");
    sql("DELETE FROM facebook_events");
    EXPECT_EQ(server().get("demographics").body, R"({"userCount":0})");
    EXPECT_EQ(server().get("events?interval=hour&groupBy=source").body,
              R"({"count":0,"groups":[],"truncated":false,"series":[]})");
}

TEST_F(SegmentsTest, FollowPartitionsThatComeAndGo) {
    builder_.build(50);
    expect_exact(5);
    sql("ALTER TABLE facebook_events DETACH PARTITION \"facebook_events_2026-03-02\"");
    expect_exact(5);
    sql("INSERT INTO \"facebook_events_2026-03-02\" SELECT * FROM facebook_events LIMIT 0");
    sql("ALTER TABLE facebook_events ATTACH PARTITION \"facebook_events_2026-03-02\" "
        "FOR VALUES FROM ('2026-03-02 00:00:00+00') TO ('2026-03-03 00:00:00+00')");
    expect_exact(5);
    sql("TRUNCATE \"tiktok_events_2026-03-01\"");
    expect_exact(5);
    sql("DROP TABLE \"tiktok_events_2026-03-03\"");
    expect_exact(5);
    sql("TRUNCATE facebook_events, tiktok_events");
    EXPECT_EQ(server().get("events").body, R"({"count":0})");
    EXPECT_EQ(server().get("demographics?country=Kenya").body, R"({"userCount":0})");
}

TEST_F(SegmentsTest, ReadAPartitionThatSomebodyWritesToByItsName) {
    builder_.build(50);
    sql("INSERT INTO \"facebook_events_2026-03-02\" (event_id, occurred_at, received_at,"
        " funnel_stage, event_type, user_id, name, age, gender, country, city) VALUES"
        " ('new', '2026-03-02 12:00:00+00', now(), 'top', 'ad.view', 'new', 'n', 1, 'male', 'k', "
        "'c')");
    expect_exact(10);
    EXPECT_THAT(rows_read(), Gt(0));
    const auto read = rows_read();
    builder_.build(50);
    expect_exact(10);
    EXPECT_EQ(rows_read(), read) << "it is built again";
}

TEST_F(SegmentsTest, ReadPartitionsThatAreNoPlainTables) {
    sql("CREATE TABLE parted PARTITION OF tiktok_events FOR VALUES FROM ('2026-03-04 00:00:00+00')"
        " TO ('2026-03-05 00:00:00+00') PARTITION BY RANGE (occurred_at)");
    sql("CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-03-04 00:00:00+00')"
        " TO ('2026-03-04 12:00:00+00')");
    sql("CREATE TABLE parted_2 PARTITION OF parted DEFAULT");
    sql("CREATE TABLE tiktok_rest PARTITION OF tiktok_events DEFAULT");
    sql("INSERT INTO tiktok_events (event_id, occurred_at, received_at, funnel_stage, event_type,"
        " user_id, username, followers) SELECT 'more-' || n, '2026-03-03 20:00:00+00'::timestamptz"
        " + n * interval '1 hour', now(), 'top', 'like', 'user-' || n % 5, 'u', n"
        " FROM generate_series(1, 60) AS n");
    expect_exact(15);
    builder_.build(50);
    expect_exact(15);
}

TEST_F(SegmentsTest, ShowInEveryAnswerWhatWasCommittedBefore) {
    builder_.build(50);
    pqxx::connection connection{url_};
    for (int i = 1; i <= 20; ++i) {
        pqxx::work transaction{connection};
        transaction.exec(
            "DELETE FROM facebook_events WHERE event_id = "
            "(SELECT event_id FROM facebook_events LIMIT 1)");
        EXPECT_EQ(server().get("events").body, "{\"count\":" + std::to_string(401 - i) + "}");
        transaction.commit();
        EXPECT_EQ(server().get("events").body, "{\"count\":" + std::to_string(400 - i) + "}");
        if (i % 5 == 0) builder_.fold_changes();
        if (i % 10 == 0) builder_.build(30);
    }
}

}  // namespace
}  // namespace events::reporter
