#include "common/collector/event_table.hpp"
#include "common/sources/tiktok.hpp"
#include "sample_events.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

namespace events {
namespace {

using namespace std::chrono;
using namespace test;

/// Stores one event and returns its row as JSON: every column, exact.
std::string row_of(const collector::StorableEvent& event) {
    const auto url = make_events_database();
    const auto source = event.event.type->source;
    collector::EventTable store{options_for(url), source};
    EXPECT_EQ(store.store(std::array{event}), 1U);
    return query(url, fmt::format("SELECT row_to_json(t) FROM {} t", source.table()));
}

TEST(EventTable, KeepsEveryColumnOfAFacebookTopEvent) {
    EXPECT_EQ(row_of(facebook_view("fb-1", kNoon + 123456us)),
              R"({"event_id":"fb-1","occurred_at":"2026-03-01T12:00:00.123456+00:00",)"
              R"("received_at":"2026-03-01T12:00:01.234567+00:00","funnel_stage":"top",)"
              R"("event_type":"video.view","user_id":"user-1","name":"Zoë \"O'Neil\" {\\}, NULL",)"
              R"("age":150,"gender":"non-binary","country":"NULL","city":"",)"
              R"("action_time":"2026-03-01T12:00:00.123451+00:00","referrer":"newsfeed",)"
              R"("video_id":null,"ad_id":null,"campaign_id":null,"click_position":null,)"
              R"("device":null,"browser":null,"purchase_amount":null,"correlation_id":"corr-1"})");
}

TEST(EventTable, KeepsEveryColumnOfAFacebookBottomEvent) {
    EXPECT_EQ(row_of(facebook_checkout("fb-2", kNoon)),
              R"({"event_id":"fb-2","occurred_at":"2026-03-01T12:00:00+00:00",)"
              R"("received_at":"2026-03-01T12:00:01.234567+00:00","funnel_stage":"bottom",)"
              R"("event_type":"checkout.complete","user_id":"user-1",)"
              R"("name":"Zoë \"O'Neil\" {\\}, NULL","age":150,"gender":"non-binary",)"
              R"("country":"NULL","city":"","action_time":null,"referrer":null,"video_id":null,)"
              R"("ad_id":"ad-1","campaign_id":"campaign-1","click_position":"top_left",)"
              R"("device":"mobile","browser":"Firefox","purchase_amount":999999999999.99,)"
              R"("correlation_id":"corr-1"})");
}

TEST(EventTable, KeepsEveryColumnOfATikTokTopEvent) {
    EXPECT_EQ(row_of(tiktok_like("ttk-1", kNoon)),
              R"({"event_id":"ttk-1","occurred_at":"2026-03-01T12:00:00+00:00",)"
              R"("received_at":"2026-03-01T12:00:01.234567+00:00","funnel_stage":"top",)"
              R"("event_type":"like","user_id":"user-2","username":"🐎,\n\t",)"
              R"("followers":9223372036854775807,"watch_time":4000000000,"percentage_watched":100,)"
              R"("device":"iOS","country":"CZ","video_id":"video-1","action_time":null,)"
              R"("profile_id":null,"purchased_item":null,"purchase_amount":null,)"
              R"("correlation_id":"corr-1"})");
}

TEST(EventTable, KeepsEveryColumnOfATikTokBottomEvent) {
    EXPECT_EQ(row_of(tiktok_purchase("ttk-2", kNoon)),
              R"({"event_id":"ttk-2","occurred_at":"2026-03-01T12:00:00+00:00",)"
              R"("received_at":"2026-03-01T12:00:01.234567+00:00","funnel_stage":"bottom",)"
              R"("event_type":"purchase","user_id":"user-2","username":"🐎,\n\t",)"
              R"("followers":9223372036854775807,"watch_time":null,"percentage_watched":null,)"
              R"("device":null,"country":null,"video_id":null,)"
              R"("action_time":"2026-03-01T12:00:00.000001+00:00","profile_id":null,)"
              R"("purchased_item":"a \\ b","purchase_amount":12.50,"correlation_id":"corr-1"})");
}

TEST(EventTable, KeepsNullForAnUnknownCorrelationId) {
    const collector::Envelope unknown{.correlation_id = "", .received_at = kNoon};
    auto event = facebook_view("fb-1", kNoon);
    event.envelope = &unknown;
    EXPECT_NE(row_of(event).find(R"("correlation_id":null)"), std::string::npos);
}

struct TimeCase {
    const char* name;
    Timestamp time;
    const char* stored;
    const char* partition;
};

class OccurredAt : public ::testing::TestWithParam<TimeCase> {};

TEST_P(OccurredAt, IsKeptExactlyInItsDaysPartition) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kTikTok};
    const std::array events{tiktok_like("ttk-1", GetParam().time)};
    EXPECT_EQ(store.store(events), 1U);
    EXPECT_EQ(store.store(events), 0U);
    EXPECT_EQ(query(url, "SELECT occurred_at || ' in ' || tableoid::regclass FROM tiktok_events"),
              std::string{GetParam().stored} + " in " + GetParam().partition);
}

INSTANTIATE_TEST_SUITE_P(
    Days, OccurredAt,
    ::testing::Values(TimeCase{"FirstInstantOfADay", sys_days{2026y / 3 / 1},
                               "2026-03-01 00:00:00+00", "tiktok_events_p20260301"},
                      TimeCase{"LastInstantOfADay", sys_days{2026y / 3 / 2} - 1us,
                               "2026-03-01 23:59:59.999999+00", "tiktok_events_p20260301"},
                      TimeCase{"LeapDay", sys_days{2028y / 2 / 29} + 1h, "2028-02-29 01:00:00+00",
                               "tiktok_events_p20280229"},
                      TimeCase{"TheFirstDayOfItsOwn", sys_days{2004y / 1 / 1},
                               "2004-01-01 00:00:00+00", "tiktok_events_p20040101"},
                      TimeCase{"TheLastInstantBefore", sys_days{2004y / 1 / 1} - 1us,
                               "2003-12-31 23:59:59.999999+00", "tiktok_events_before_2004"},
                      TimeCase{"YearOne", sys_days{1y / 1 / 1}, "0001-01-01 00:00:00+00",
                               "tiktok_events_before_2004"},
                      TimeCase{"YearZero", sys_days{0y / 1 / 1} + 1us,
                               "0001-01-01 00:00:00.000001+00 BC", "tiktok_events_before_2004"},
                      TimeCase{"TheYearBeforeIt", sys_days{year{-1} / 12 / 31} + 23h,
                               "0002-12-31 23:00:00+00 BC", "tiktok_events_before_2004"},
                      TimeCase{"Year9999", sys_days{9999y / 12 / 31} + 23h + 59min + 59s + 999999us,
                               "9999-12-31 23:59:59.999999+00", "tiktok_events_p99991231"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace events
