// What segments say is what stands in the rows, however a batch was stored.
#include "common/collector/event_table.hpp"
#include "common/postgres/error.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "sample_events.hpp"
#include "support/made_events.hpp"
#include "support/postgres_cluster.hpp"
#include "support/segment_recount.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace events {
namespace {

using namespace std::chrono;
using namespace test;
using Events = std::vector<collector::StorableEvent>;

constexpr auto kMidnight = sys_days{2026y / 3 / 2};

class SegmentsTest : public ::testing::Test {
  protected:
    std::string query(const std::string& sql) const {
        return test::query(url_, "SET search_path = events, public; " + sql);
    }
    /// As the collector does with a partition of somebody's that it finds, here an empty one.
    void build(const std::string& partition) const {
        query("SELECT watch_partition('facebook', '" + partition + "')");
        query(
            "INSERT INTO built_partitions (partition, name, source, filenode) SELECT partition, "
            "name, source, filenode FROM attached_partitions WHERE partition = '" +
            partition + "'::regclass");
    }
    /// Every event is in a segment, and segments are as the rows.
    void expect_all_in_segments(std::int64_t events) const {
        const auto found = recount(url_);
        EXPECT_EQ(found.difference, "");
        EXPECT_EQ(found.rows, events);
        EXPECT_EQ(found.in_segments, events);
        EXPECT_EQ(found.in_changes, 0);
    }
    Events facebook(std::string_view prefix, int count, Timestamp first = kNoon) {
        return make_.many(kFacebook, prefix, count, first);
    }

    std::string url_ = make_events_database();
    EventMaker make_;
    collector::EventTable store_{options_for(url_), kFacebook};
};

TEST_F(SegmentsTest, HaveABatchOfOneDay) {
    EXPECT_EQ(store_.store(facebook("a", 600)), 600U);
    expect_all_in_segments(600);
    EXPECT_EQ(query("SELECT count(*) FROM segments WHERE level = 0"), "1");
}

TEST_F(SegmentsTest, HaveABatchOfTheOtherSource) {
    collector::EventTable store{options_for(url_), kTikTok};
    EXPECT_EQ(store.store(make_.many(kTikTok, "a", 600, kNoon)), 600U);
    EXPECT_EQ(store.store(make_.many(kTikTok, "b", 100, kMidnight - 1h)), 100U);
    expect_all_in_segments(700);
}

TEST_F(SegmentsTest, HaveABatchOfSeveralDaysInOneBlob) {
    auto events = facebook("a", 200, kMidnight - 99min);
    for (const auto& late : {facebook("late", 20, sys_days{1999y / 12 / 31} + 23h + 50min),
                             facebook("later", 20, sys_days{0y / 1 / 1})}) {
        events.insert(events.end(), late.begin(), late.end());
    }
    EXPECT_EQ(store_.store(events), 240U);
    expect_all_in_segments(240);
    EXPECT_EQ(query("SELECT count(*) || ' ' || count(DISTINCT blob) FROM segments"), "3 1");
}

TEST_F(SegmentsTest, HaveABatchOfMoreDaysThanATransactionTakes) {
    Events events;
    for (int day = 0; day < 150; ++day) {
        events.push_back(make_.facebook("a", kNoon - days{day}));
        events.push_back(make_.facebook("b", kNoon - days{day}));
    }
    EXPECT_EQ(store_.store(events), 300U);
    EXPECT_EQ(store_.store(events), 0U);
    expect_all_in_segments(300);
    EXPECT_EQ(query("SELECT count(DISTINCT blob) FROM segments"), "3");
}

TEST_F(SegmentsTest, HaveTheFirstOfTwoVersionsInABatch) {
    const Events events{facebook_view("a", kNoon), facebook_checkout("a", kNoon),
                        facebook_checkout("b", kNoon), facebook_view("b", kNoon)};
    EXPECT_EQ(store_.store(events), 2U);
    expect_all_in_segments(2);
    EXPECT_EQ(query("SELECT string_agg(event_id || event_type, ' ' ORDER BY event_id) FROM "
                    "facebook_events"),
              "avideo.view bcheckout.complete");
}

TEST_F(SegmentsTest, HaveOnlyWhatIsNewOfABatchWithDuplicates) {
    auto events = facebook("a", 300, kMidnight - 150min);
    EXPECT_EQ(store_.store(std::span{events}.first(200)), 200U);
    std::ranges::reverse(events);
    EXPECT_EQ(store_.store(events), 100U);
    expect_all_in_segments(300);
    EXPECT_EQ(store_.store(events), 0U);
    EXPECT_EQ(store_.store(facebook("b", 50)), 50U);  // merged
    EXPECT_EQ(store_.store(facebook("c", 50)), 50U);  // copied
    expect_all_in_segments(400);
    EXPECT_EQ(query("SELECT count(DISTINCT blob) FROM segments"), "4");
}

TEST_F(SegmentsTest, HaveWhatADefaultPartitionTakes) {
    query("CREATE TABLE rest PARTITION OF facebook_events DEFAULT");
    build("rest");
    // It has rows of that day, which keep the day from having a partition of its own.
    query(
        "INSERT INTO facebook_events (event_id, occurred_at, received_at, funnel_stage, "
        "event_type, user_id, name, age, gender, country, city) VALUES ('theirs', '2026-03-02 "
        "12:00Z', now(), 'top', 'ad.view', 'u', 'n', 30, 'female', 'DE', 'Berlin')");
    auto events = facebook("a", 100, kMidnight - 50min);
    const auto next = facebook("b", 100, kMidnight + 24h - 50min);
    events.insert(events.end(), next.begin(), next.end());
    EXPECT_EQ(store_.store(events), 200U);
    EXPECT_EQ(query("SELECT count(*) FROM rest"), "101");
    const auto found = recount(url_);
    EXPECT_EQ(found.difference, "");
    EXPECT_EQ(found.in_segments, 200);
    EXPECT_EQ(found.in_changes, 1) << "theirs";
}

TEST_F(SegmentsTest, HaveWhatAnOperatorsPartitionTakes) {
    query(
        "CREATE TABLE march PARTITION OF facebook_events FOR VALUES FROM ('2026-03-01 "
        "12:30+00') TO ('2026-04-01 00:00+00')");
    build("march");
    EXPECT_EQ(store_.store(facebook("a", 100)), 100U);
    expect_all_in_segments(100);
    EXPECT_EQ(query("SELECT string_agg(tableoid::regclass || ' ' || count, ', ') FROM (SELECT "
                    "tableoid, count(*) FROM facebook_events GROUP BY 1 ORDER BY min(occurred_at)) "
                    "AS counts"),
              "facebook_events_p20260301 30, march 70");
}

// It has no segments: reports read its rows.
TEST_F(SegmentsTest, LeaveOutAPartitionThatIsPartitionedItself) {
    query(
        "CREATE TABLE night PARTITION OF facebook_events FOR VALUES FROM ('2026-03-01 12:30+00') "
        "TO ('2026-03-01 13:00+00') PARTITION BY RANGE (occurred_at);"
        "CREATE TABLE night_rest PARTITION OF night DEFAULT");
    EXPECT_EQ(store_.store(facebook("a", 100)), 100U);
    EXPECT_EQ(query("SELECT count(*) FROM night"), "30");
    expect_all_in_segments(70);
    EXPECT_EQ(store_.store(facebook("b", 10, kNoon + 40min)), 10U);
    expect_all_in_segments(70);
}

TEST_F(SegmentsTest, AreOfThePartitionThatTookTheRowsInPlaceOfADetachedOne) {
    EXPECT_EQ(store_.store(facebook("a", 10)), 10U);
    query("ALTER TABLE facebook_events DETACH PARTITION facebook_events_p20260301");
    EXPECT_EQ(store_.store(facebook("b", 20)), 20U);
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events_p20260301"), "10");
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events_p20260301_2"), "20");
    expect_all_in_segments(20);
    query("DROP TABLE facebook_events_p20260301_2");
    query(
        "ALTER TABLE facebook_events ATTACH PARTITION facebook_events_p20260301 FOR VALUES FROM "
        "('2026-03-01 00:00+00') TO ('2026-03-02 00:00+00')");
    EXPECT_EQ(store_.store(facebook("c", 30)), 30U);
    expect_all_in_segments(40);
}

TEST_F(SegmentsTest, AreOfTheNewPartitionAfterRetentionDroppedOne) {
    const auto two_days = facebook("a", 100, kMidnight - 50min);
    EXPECT_EQ(store_.store(two_days), 100U);
    query("DROP TABLE facebook_events_p20260301");
    EXPECT_EQ(store_.store(facebook("b", 100, kMidnight - 50min)), 100U);
    expect_all_in_segments(150);
    query("TRUNCATE facebook_events_p20260302");
    EXPECT_EQ(store_.store(facebook("c", 10, kMidnight)), 10U);
    EXPECT_EQ(recount(url_).unbuilt, 1) << "until it is built again";
}

TEST_F(SegmentsTest, HaveWhatGoesThroughTheTableWhereARightOnThePartitionIsMissing) {
    query(
        "DO $$ BEGIN CREATE ROLE narrow_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; "
        "END $$");
    query(
        "GRANT INSERT, SELECT ON facebook_events TO narrow_writer;"
        "GRANT USAGE ON SCHEMA events, public TO narrow_writer;"
        "GRANT ALL ON ALL TABLES IN SCHEMA events TO narrow_writer;"
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA events TO narrow_writer;"
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA events TO narrow_writer");
    auto url = url_;
    collector::EventTable store{
        options_for(url.replace(url.find("postgres@"), 9, "narrow_writer@")), kFacebook};
    EXPECT_EQ(store.store(facebook("a", 10)), 10U);
    query("REVOKE ALL ON facebook_events_p20260301 FROM narrow_writer");
    EXPECT_EQ(store.store(facebook("b", 10)), 10U);
    EXPECT_EQ(store.store(facebook("c", 10)), 10U);
    expect_all_in_segments(30);
}

// Neither without the other: what fails behind the COPY takes its rows along.
TEST_F(SegmentsTest, AreStoredWithTheirRowsOrNeitherIs) {
    EXPECT_EQ(store_.store(facebook("a", 10)), 10U);
    query("ALTER TABLE segments ADD CONSTRAINT none CHECK (rows < 15)");
    EXPECT_THROW(store_.store(facebook("b", 20)), postgres::Refused);
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "10");
    expect_all_in_segments(10);
    query("ALTER TABLE segments DROP CONSTRAINT none");
    EXPECT_EQ(store_.store(facebook("b", 20)), 20U);
    expect_all_in_segments(30);
}

TEST_F(SegmentsTest, HaveNothingOfABatchThatIsRefused) {
    EXPECT_THROW(store_.store(std::array{facebook_view("a", kNoon), facebook_view("b\xff", kNoon)}),
                 postgres::ContentRefused);
    EXPECT_EQ(query("SELECT count(*) FROM segments"), "0");
    EXPECT_EQ(store_.store(facebook("a", 10)), 10U);
    expect_all_in_segments(10);
}

/// What somebody's trigger makes of the rows before they are stored.
struct Altering {
    const char* name;
    const char* body;
    std::size_t stored;  ///< of 20
};

class AlteringTrigger : public SegmentsTest, public ::testing::WithParamInterface<Altering> {};

TEST_P(AlteringTrigger, IsFollowed) {
    EXPECT_EQ(store_.store(facebook("a", 10)), 10U);
    query(std::string{"CREATE FUNCTION alter_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "} +
          GetParam().body +
          " END $$; CREATE TRIGGER mine BEFORE INSERT ON facebook_events FOR EACH ROW EXECUTE "
          "FUNCTION alter_row()");
    auto events = facebook("b", 20);
    EXPECT_EQ(store_.store(events), GetParam().stored);
    EXPECT_EQ(store_.store(events), 0U);
    const auto found = recount(url_);
    EXPECT_EQ(found.difference, "");
    EXPECT_EQ(found.in_segments, 10);
    EXPECT_EQ(found.in_changes, static_cast<std::int64_t>(GetParam().stored));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, AlteringTrigger,
    ::testing::Values(
        Altering{"ThatChangesAValue", "NEW.country := 'elsewhere'; RETURN NEW;", 20},
        Altering{"ThatLeavesRowsOut",
                 "IF NEW.event_id IN ('b-1', 'b-2') THEN RETURN NULL; END IF; RETURN NEW;", 18},
        Altering{"ThatChangesTheKey", "NEW.event_id := NEW.event_id || 'x'; RETURN NEW;", 20}),
    [](const auto& test) { return test.param.name; });

TEST_F(SegmentsTest, LeaveAValueThatTheyCanNotHoldToTheChanges) {
    collector::EventTable store{options_for(url_), kTikTok};
    auto event = tiktok_like("a", kNoon);
    set_value(event.event, "user.followers", Value{std::numeric_limits<std::int64_t>::min()});
    EXPECT_EQ(store.store(std::array{event, tiktok_like("b", kNoon)}), 2U);
    auto found = recount(url_);
    EXPECT_EQ(found.difference, "");
    EXPECT_EQ(found.in_changes, 2);
    EXPECT_EQ(store.store(std::array{tiktok_like("c", kNoon)}), 1U);
    found = recount(url_);
    EXPECT_EQ(found.difference, "");
    EXPECT_EQ(found.in_segments, 1) << "the next batch has a segment again";
}

TEST_F(SegmentsTest, HaveWhatAStatementsTriggerOfSomebodysSees) {
    query(
        "CREATE TABLE public.seen (rows bigint);"
        "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
        "public.seen SELECT count(*) FROM fresh; RETURN NULL; END $$;"
        "CREATE TRIGGER mine AFTER INSERT ON facebook_events REFERENCING NEW TABLE AS fresh FOR "
        "EACH STATEMENT EXECUTE FUNCTION see()");
    EXPECT_EQ(store_.store(facebook("a", 10)), 10U);
    EXPECT_EQ(store_.store(facebook("b", 20)), 20U);
    EXPECT_EQ(query("SELECT sum(rows) FROM public.seen"), "30");
    expect_all_in_segments(30);
}

}  // namespace
}  // namespace events
