// Calendars: what a bucket of an interval is in time zones.

#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::reporter {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

class SeriesTest : public ::testing::Test {
  protected:
    SeriesTest() { migrate_database(url_); }

    void store_likes(const std::vector<std::string>& times) {
        test::query(url_, "CREATE TABLE IF NOT EXISTS rest PARTITION OF tiktok_events DEFAULT");
        for (const auto& time : times) {
            test::query(url_,
                        "INSERT INTO tiktok_events (event_id, occurred_at, received_at, "
                        "funnel_stage, event_type, user_id, username, followers) VALUES (" +
                            std::to_string(++count_) + ", '" + time +
                            "', now(), 'top', 'like', 'u', 'u', 1)");
        }
    }

    nlohmann::json report(const std::string& parameters) {
        const auto response = server_.get("events?" + parameters);
        EXPECT_EQ(response.status, 200U) << response.body;
        return nlohmann::json::parse(response.body);
    }

    std::vector<std::pair<std::string, int>> series(const std::string& parameters) {
        std::vector<std::pair<std::string, int>> found;
        const auto body = report(parameters);
        for (const auto& point : body.at("series")) {
            found.emplace_back(point.at("time"), point.at("count"));
        }
        return found;
    }

    std::string url_ = test::postgres_cluster().make_database();
    ReporterServer server_{url_};
    int count_ = 0;
};

TEST_F(SeriesTest, HaveADayOf23HoursInSpringAndOf25InAutumn) {
    store_likes({"2026-03-28T22:59:59.999999Z", "2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z",
                 "2026-03-29T22:00:00Z"});
    const std::string march =
        "interval=day&tz=Europe/Berlin&from=2026-03-28T12:00:00Z"
        "&to=2026-03-29T22:00:00Z";
    const auto expected =
        ElementsAre(Pair("2026-03-28T00:00:00+01:00", 1), Pair("2026-03-29T00:00:00+01:00", 2),
                    Pair("2026-03-30T00:00:00+02:00", 1));
    EXPECT_THAT(series(march), expected);
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(series(march), expected);
    EXPECT_THAT(series("interval=hour&tz=Europe/Berlin&from=2026-03-28T23:00:00Z"
                       "&to=2026-03-29T21:59:59Z"),
                SizeIs(23));
    EXPECT_THAT(series("interval=hour&tz=Europe/Berlin&from=2026-10-24T22:00:00Z"
                       "&to=2026-10-25T22:59:59Z"),
                SizeIs(25));
    EXPECT_THAT(
        series("interval=hour&tz=Europe/Berlin&from=2026-10-25T00:00:00Z"
               "&to=2026-10-25T01:59:59Z"),
        ElementsAre(Pair("2026-10-25T02:00:00+02:00", 0), Pair("2026-10-25T02:00:00+01:00", 0)));
}

TEST_F(SeriesTest, FollowZonesWhoseOffsetIsNoWholeHour) {
    store_likes({"2026-03-01T18:14:59Z", "2026-03-01T18:15:00Z"});
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(
        series("interval=day&tz=Asia/Kathmandu"),
        ElementsAre(Pair("2026-03-01T00:00:00+05:45", 1), Pair("2026-03-02T00:00:00+05:45", 1)));
    EXPECT_THAT(
        series("interval=hour&tz=Asia/Kathmandu"),
        ElementsAre(Pair("2026-03-01T23:00:00+05:45", 1), Pair("2026-03-02T00:00:00+05:45", 1)));
    // Its clocks change by half an hour.
    EXPECT_THAT(series("interval=hour&tz=Australia/Lord_Howe&from=2026-10-03T14:30:00Z"
                       "&to=2026-10-03T16:59:59Z"),
                SizeIs(3));
}

// Its clocks go from 01:00 back to 00:00.
TEST_F(SeriesTest, BeginADayAtTheFirstOfItsTwoMidnights) {
    store_likes({"2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T00:59:59Z",
                 "2026-10-25T01:00:00Z", "2026-10-26T00:59:59Z", "2026-10-26T01:00:00Z"});
    const auto expected =
        ElementsAre(Pair("2026-10-24T00:00:00Z", 1), Pair("2026-10-25T00:00:00Z", 4),
                    Pair("2026-10-26T00:00:00-01:00", 1));
    EXPECT_THAT(series("interval=day&tz=Atlantic/Azores"), expected);
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(series("interval=day&tz=Atlantic/Azores"), expected);
    EXPECT_THAT(series("interval=hour&tz=Atlantic/Azores&from=2026-10-25T00:00:00Z"
                       "&to=2026-10-25T01:59:59Z"),
                ElementsAre(Pair("2026-10-25T00:00:00Z", 2), Pair("2026-10-25T00:00:00-01:00", 1)));
    // At midnight they go back to 23:00, or forward to 01:00.
    EXPECT_THAT(
        series("interval=day&tz=America/Havana&from=2026-10-31T12:00:00Z"
               "&to=2026-11-02T12:00:00Z"),
        ElementsAre(Pair("2026-10-31T00:00:00-04:00", 0), Pair("2026-11-01T00:00:00-04:00", 0),
                    Pair("2026-11-02T00:00:00-05:00", 0)));
    EXPECT_THAT(
        series("interval=day&tz=America/Havana&from=2026-03-07T12:00:00Z"
               "&to=2026-03-08T12:00:00Z"),
        ElementsAre(Pair("2026-03-07T00:00:00-05:00", 0), Pair("2026-03-08T01:00:00-04:00", 0)));
}

// In spring the week of the change has 167 hours, in autumn 169; both changes are on its Sunday.
TEST_F(SeriesTest, HaveWeeksThatBeginOnMondayWhereClocksChange) {
    store_likes({"2026-03-22T22:59:59.999999Z", "2026-03-22T23:00:00Z", "2026-03-29T21:59:59Z",
                 "2026-03-29T22:00:00Z", "2026-10-25T22:59:59.999999Z", "2026-10-25T23:00:00Z"});
    const auto expect = [&] {
        EXPECT_THAT(
            series("interval=week&tz=Europe/Berlin&from=2026-03-22T12:00:00Z"
                   "&to=2026-03-30T12:00:00Z"),
            ElementsAre(Pair("2026-03-16T00:00:00+01:00", 1), Pair("2026-03-23T00:00:00+01:00", 2),
                        Pair("2026-03-30T00:00:00+02:00", 1)));
        EXPECT_THAT(series("interval=week&tz=Europe/Berlin&from=2026-10-19T00:00:00%2B02:00"
                           "&to=2026-10-26T12:00:00Z"),
                    ElementsAre(Pair("2026-10-19T00:00:00+02:00", 1),
                                Pair("2026-10-26T00:00:00+01:00", 1)));
    };
    expect();
    SegmentBuilder{url_}.build(1);
    expect();
    // There clocks change on 8 March and 1 November.
    EXPECT_THAT(
        series("interval=week&tz=America/New_York&from=2026-03-08T12:00:00Z"
               "&to=2026-03-09T12:00:00Z"),
        ElementsAre(Pair("2026-03-02T00:00:00-05:00", 0), Pair("2026-03-09T00:00:00-04:00", 0)));
    EXPECT_THAT(
        series("interval=week&tz=America/New_York&from=2026-11-02T04:59:59Z"
               "&to=2026-11-02T05:00:00Z"),
        ElementsAre(Pair("2026-10-26T00:00:00-04:00", 0), Pair("2026-11-02T00:00:00-05:00", 0)));
    EXPECT_THAT(series("interval=week&tz=Europe/Berlin&from=2026-01-01T00:00:00Z"
                       "&to=2027-01-01T00:00:00Z"),
                SizeIs(53))
        << "2026 has 53 weeks of ISO 8601";
}

TEST_F(SeriesTest, HaveMonthsOfTheZone) {
    store_likes({"2026-02-28T22:59:59.999999Z", "2026-02-28T23:00:00Z", "2026-03-31T21:59:59Z",
                 "2026-03-31T22:00:00Z", "2026-10-31T23:00:00Z"});
    const auto expected =
        ElementsAre(Pair("2026-02-01T00:00:00+01:00", 1), Pair("2026-03-01T00:00:00+01:00", 2),
                    Pair("2026-04-01T00:00:00+02:00", 1), Pair("2026-05-01T00:00:00+02:00", 0),
                    Pair("2026-06-01T00:00:00+02:00", 0), Pair("2026-07-01T00:00:00+02:00", 0),
                    Pair("2026-08-01T00:00:00+02:00", 0), Pair("2026-09-01T00:00:00+02:00", 0),
                    Pair("2026-10-01T00:00:00+02:00", 0), Pair("2026-11-01T00:00:00+01:00", 1));
    EXPECT_THAT(series("interval=month&tz=Europe/Berlin"), expected);
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(series("interval=month&tz=Europe/Berlin"), expected);
    EXPECT_THAT(
        series("interval=month&tz=America/New_York&from=2026-03-01T04:59:59Z"
               "&to=2026-04-01T04:00:00Z"),
        ElementsAre(Pair("2026-02-01T00:00:00-05:00", 0), Pair("2026-03-01T00:00:00-05:00", 2),
                    Pair("2026-04-01T00:00:00-04:00", 0)));
    // At one o'clock of the first of November clocks go back to midnight.
    EXPECT_THAT(
        series("interval=month&tz=America/Havana&from=2026-11-01T03:59:59Z"
               "&to=2026-11-01T05:30:00Z"),
        ElementsAre(Pair("2026-10-01T00:00:00-04:00", 0), Pair("2026-11-01T00:00:00-04:00", 0)));
}

TEST_F(SeriesTest, HaveWeeksAndMonthsInUtcBefore1970AndInLeapYears) {
    EXPECT_THAT(series("interval=week&from=1969-12-28T23:59:59Z&to=1970-01-05T00:00:00.5Z"),
                ElementsAre(Pair("1969-12-22T00:00:00Z", 0), Pair("1969-12-29T00:00:00Z", 0),
                            Pair("1970-01-05T00:00:00Z", 0)));
    EXPECT_THAT(series("interval=month&from=2028-01-31T23:59:59Z&to=2028-03-01T00:00:00.5Z"),
                ElementsAre(Pair("2028-01-01T00:00:00Z", 0), Pair("2028-02-01T00:00:00Z", 0),
                            Pair("2028-03-01T00:00:00Z", 0)));
    EXPECT_THAT(series("interval=month&from=1969-11-30T23:59:59Z&to=1969-12-01T00:00:00.5Z"),
                ElementsAre(Pair("1969-11-01T00:00:00Z", 0), Pair("1969-12-01T00:00:00Z", 0)));
    // The database's calendar agrees, for as long as a series can be.
    for (const auto* interval : {"week", "month"}) {
        const auto range =
            fmt::format("interval={}&from=1850-01-01T00:00:00Z&to=2041-06-01T00:00:00Z", interval);
        const auto utc = series(range);
        EXPECT_EQ(utc, series(range + "&tz=Etc/UTC")) << interval;
        EXPECT_THAT(utc, SizeIs(::testing::Gt(2'000U)));
    }
}

TEST_F(SeriesTest, LeaveOutADayThatAZoneNeverHad) {
    EXPECT_THAT(
        series("interval=day&tz=Pacific/Apia&from=2011-12-29T12:00:00-10:00"
               "&to=2011-12-31T12:00:00%2B14:00"),
        ElementsAre(Pair("2011-12-29T00:00:00-10:00", 0), Pair("2011-12-31T00:00:00+14:00", 0)));
}

TEST_F(SeriesTest, AreExactInZonesWhoseOffsetHasSeconds) {
    // Until 1972 Monrovia was 44 minutes and 30 seconds behind.
    store_likes({"1971-06-02T00:44:29Z", "1971-06-02T00:44:30Z"});
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(series("interval=day&tz=Africa/Monrovia"),
                ElementsAre(Pair("1971-06-01T00:44:30Z", 1), Pair("1971-06-02T00:44:30Z", 1)));
}

TEST_F(SeriesTest, GoFromTheFirstToTheLastEventThatCounts) {
    EXPECT_THAT(series("interval=day"), SizeIs(0));
    store_likes({"2026-03-01T23:59:59Z", "2026-03-04T00:00:00Z"});
    const auto expected =
        ElementsAre(Pair("2026-03-01T00:00:00Z", 1), Pair("2026-03-02T00:00:00Z", 0),
                    Pair("2026-03-03T00:00:00Z", 0), Pair("2026-03-04T00:00:00Z", 1));
    EXPECT_THAT(series("interval=day"), expected);
    SegmentBuilder{url_}.build(1);
    EXPECT_THAT(series("interval=day"), expected);
    EXPECT_THAT(series("interval=day&source=facebook"), SizeIs(0));
    EXPECT_THAT(series("interval=hour&to=2026-03-02T00:30:00Z"),
                ElementsAre(Pair("2026-03-01T23:00:00Z", 1), Pair("2026-03-02T00:00:00Z", 0)));
    EXPECT_THAT(series("interval=minute&from=2026-03-03T23:58:30Z"),
                ElementsAre(Pair("2026-03-03T23:58:00Z", 0), Pair("2026-03-03T23:59:00Z", 0),
                            Pair("2026-03-04T00:00:00Z", 1)));
}

TEST_F(SeriesTest, AreRefusedWhenTheyWouldBeTooLong) {
    store_likes({"2026-03-01T00:00:00Z", "2026-03-07T22:39:00Z"});
    EXPECT_THAT(series("interval=minute"), SizeIs(10'000));
    store_likes({"2026-03-07T22:40:00Z"});
    const auto response = server_.get("events?interval=minute&from=2026-03-01T00:00:00Z");
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(nlohmann::json::parse(response.body)["errors"][0]["parameter"], "interval");
    store_likes({"2026-02-28T23:59:59Z"});
    EXPECT_THAT(series("interval=minute&to=2026-03-07T22:38:59Z&from=2026-03-01T00:00:00Z"),
                SizeIs(9'999));
    // Few of them count: the others do not make the series longer.
    EXPECT_THAT(series("interval=minute&country=Kenya"), SizeIs(0));
    const auto groups =
        server_.get("events?interval=minute&groupBy=eventType&to=2026-03-07T22:38:00Z");
    EXPECT_EQ(groups.status, 200U) << groups.body;
}

// A single event with a wrong date would end every series without `from`.
TEST_F(SeriesTest, CoverTheNewestBucketsWhereTheFirstEventIsTooFarAway) {
    store_likes({"0001-06-01T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-07T22:40:00Z"});
    const auto expect = [&] {
        for (const auto* zone : {"UTC", "Atlantic/Azores"}) {
            const auto days = report(fmt::format("interval=day&tz={}", zone));
            ASSERT_EQ(days["series"].size(), 10'000U) << zone;
            EXPECT_EQ(days["count"], 3) << "of the whole history";
            EXPECT_EQ(days["seriesFrom"], days["series"][0]["time"]);
            EXPECT_EQ(days["series"][9'999]["count"], 1);
            EXPECT_EQ(days["series"][9'993]["count"], 1);
            EXPECT_EQ(days["series"][0]["count"], 0);
        }
        for (const auto* zone : {"UTC", "Europe/Berlin"}) {
            for (const auto* interval : {"week", "month"}) {
                const auto longer = report(fmt::format("interval={}&tz={}", interval, zone));
                ASSERT_EQ(longer["series"].size(), 10'000U) << zone << " " << interval;
                EXPECT_EQ(longer["seriesFrom"], longer["series"][0]["time"]);
                EXPECT_GT(longer["series"][9'999]["count"], 0);
            }
        }
        const auto minutes = report("interval=minute&to=2026-03-07T22:40:00Z");
        EXPECT_EQ(minutes["seriesFrom"], "2026-03-01T00:01:00Z");
        EXPECT_EQ(minutes["series"].size(), 10'000U);
        const auto grouped = report("interval=day&groupBy=eventType,source&limit=1");
        EXPECT_EQ(grouped["groups"][0]["series"].size(), 10'000U);
        const auto users = server_.get_path("/reports/demographics?interval=day");
        EXPECT_EQ(nlohmann::json::parse(users.body)["series"].size(), 10'000U) << users.body;
        const auto csv = server_.get_path("/reports/events?interval=day", {{"Accept", "text/csv"}});
        EXPECT_EQ(csv.header("Series-From"), report("interval=day")["seriesFrom"]);
        EXPECT_FALSE(report("interval=day&from=2026-01-01T00:00:00Z").contains("seriesFrom"));
    };
    expect();
    SegmentBuilder{url_}.build(1);
    expect();
}

// The times of partitions and segments, by hours, are longer than those of the events that count.
TEST_F(SeriesTest, AreAsLongAsTheEventsThatCountInEveryZone) {
    store_likes({"2026-03-01T18:20:00Z"});
    test::query(
        url_,
        "INSERT INTO tiktok_events (event_id, occurred_at, received_at, funnel_stage, "
        "event_type, user_id, username, followers) SELECT n, '2026-03-01T18:00:00Z'::timestamptz "
        "+ n * interval '1 minute', now(), 'top', 'share', 'u', 'u', 1 "
        "FROM generate_series(1, 30000, 100) AS n");
    const auto expect = [&] {
        EXPECT_THAT(series("eventType=like&interval=day&tz=Asia/Kathmandu"),
                    ElementsAre(Pair("2026-03-02T00:00:00+05:45", 1)));
        EXPECT_THAT(series("eventType=like&interval=minute"),
                    ElementsAre(Pair("2026-03-01T18:20:00Z", 1)));
        EXPECT_THAT(series("eventType=like&interval=minute&from=2026-03-01T18:18:00Z"), SizeIs(3));
        EXPECT_THAT(series("eventType=like&interval=minute&to=2026-03-01T18:21:00Z"), SizeIs(2));
        EXPECT_THAT(series("eventType=like&interval=minute&to=2026-03-01T18:19:00Z"), SizeIs(0));
    };
    expect();
    SegmentBuilder{url_}.build(7);
    expect();
}

}  // namespace
}  // namespace events::reporter
