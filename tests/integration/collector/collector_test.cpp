#include "collector_fixture.hpp"
#include "common/sources/facebook.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::collector {
namespace {

TEST_F(CollectorTest, StoresABatchAndAcknowledgesAfterwards) {
    send({event("fb-1"), event("fb-2")});
    send({event("fb-3")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(test::query(database_,
                          "SELECT correlation_id || ' ' || (received_at AT TIME ZONE 'UTC')::text "
                          "FROM facebook_events WHERE event_id = 'fb-1'"),
              "c-1 2026-03-01 10:00:00.000001");
    EXPECT_TRUE(has_metric(R"(processed_events_total{source="facebook"} 3)"));
}

TEST_F(CollectorTest, CountsAnEventOnceHoweverOftenItComes) {
    send({event("fb-1"), event("fb-2"), event("fb-1")});
    send({event("fb-2")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 2)"));
    EXPECT_TRUE(has_metric(R"(accepted_events_total{source="facebook"} 4)"));
}

TEST_F(CollectorTest, PutsWhatIsNoEventOfItsSourceIntoTheDeadLetters) {
    send({event("fb-1"), "no JSON at all", test::tiktok_top("ttk-1", "2026-03-01T09:59:59.5Z"),
          R"({"eventId":"fb-9"})", event("fb-2")});
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
    EXPECT_EQ(dead_letters(), 3U);
    EXPECT_TRUE(
        has_metric(R"(dead_letter_events_total{reason="malformed_json",source="facebook"} 1)"));
    EXPECT_TRUE(
        has_metric(R"(dead_letter_events_total{reason="unknown_value",source="facebook"} 1)"));
}

TEST_F(CollectorTest, HalvesARefusedBatchUntilTheCulpritsAreAlone) {
    (void)test::query(database_,
                      "ALTER TABLE facebook_events ADD CONSTRAINT mine CHECK (event_id NOT LIKE "
                      "'poison%')");
    std::vector<std::string> lines;
    for (int i = 0; i < 57; ++i) lines.push_back(event("fb-" + std::to_string(i)));
    lines.insert(lines.begin() + 13, event("poison-1"));
    lines.push_back(event("poison-2"));
    send(lines);
    start();
    EXPECT_TRUE(await([&] { return rows() == "57"; }));
    ASSERT_TRUE(await([&] { return has_metric(R"(parked_events{source="facebook"} 2)"); }));
    EXPECT_FALSE(drained());
    send({event("fb-of-the-same-day")});
    EXPECT_TRUE(await([&] { return rows() == "58"; }));

    (void)test::query(database_, "ALTER TABLE facebook_events DROP CONSTRAINT mine");
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "60");
    EXPECT_EQ(dead_letters(), 0U);
}

TEST_F(CollectorTest, KeepsItsBatchWhileTheDatabaseIsAwayAndDeadLettersNothing) {
    send({event("fb-1")});
    start();
    ASSERT_TRUE(await([&] { return drained(); }));
    EXPECT_TRUE(database_health_.is_up());
    test::postgres_cluster().kill();
    send({event("fb-2"), event("fb-3")});
    EXPECT_TRUE(await([&] { return !database_health_.is_up(); }));
    test::postgres_cluster().restart();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "3");
    EXPECT_EQ(dead_letters(), 0U);
    EXPECT_TRUE(database_health_.is_up());
    EXPECT_TRUE(has_metric(R"(duplicate_events_total{source="facebook"} 0)"))
        << "nothing was redelivered needlessly";
}

TEST_F(CollectorTest, GivesItsBatchBackWhenItEndsDuringAnOutage) {
    send({event("fb-1")});
    start();
    ASSERT_TRUE(await([&] { return drained(); }));
    test::postgres_cluster().kill();
    send({event("fb-2")});
    EXPECT_TRUE(await([&] { return !database_health_.is_up(); }));
    collector_->stop();
    test::postgres_cluster().restart();
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "2");
}

TEST_F(CollectorTest, TakesAMessageThatIsLargerThanABatch) {
    std::vector<std::string> lines;
    for (int i = 0; i < 25; ++i) lines.push_back(event("fb-" + std::to_string(i)));
    send(lines);
    send({event("fb-x")});
    start({.source = kFacebook, .batch_size = 10});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "26");
}

TEST_F(CollectorTest, ReadsFourTimesAsManyEventsAtATimeWhileTheyWait) {
    for (int i = 0; i < 90; ++i) send({event("fb-" + std::to_string(i))});
    start({.source = kFacebook, .batch_size = 10, .batch_wait = 60s});
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "90");
    EXPECT_TRUE(has_metric("batch_size_events_count 3")) << "40, 40 and 10: " << metrics_.text();
}

TEST_F(CollectorTest, ReadsAMessageWithoutOurHeaders) {
    const auto outcome = publisher_.publish(kFacebook.subject(), {}, event("fb-1"));
    ASSERT_TRUE(outcome.durable());
    start();
    EXPECT_TRUE(await([&] { return drained(); }));
    EXPECT_EQ(rows(), "1");
    EXPECT_EQ(test::query(database_,
                          "SELECT now() - received_at < interval '1 hour' "
                          "FROM facebook_events"),
              "t");
}

}  // namespace
}  // namespace events::collector
