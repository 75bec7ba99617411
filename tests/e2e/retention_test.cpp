// RETENTION_DAYS as its user sees it: old days go, nothing brings them back, and reports say so.
#include "dead_letters.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

const Variables kMonth{{"RETENTION_DAYS", "30"}};

class Retention : public ::testing::Test {
  protected:
    /// Noon of the day so many days ago.
    [[nodiscard]] std::string days_ago(int days) const {
        return query(stack_.database(),
                     fmt::format("SELECT to_char((now() AT TIME ZONE 'UTC')::date - {}, "
                                 "'YYYY-MM-DD\"T12:00:00Z\"')",
                                 days));
    }
    [[nodiscard]] bool has_day(const std::string& source, int days) const {
        auto day = days_ago(days).substr(0, 10);
        std::erase(day, '-');
        return query(stack_.database(), fmt::format("SELECT to_regclass('{}_events_p{}') IS NOT "
                                                    "NULL",
                                                    source, day)) == "t";
    }
    json send(const std::string& body) {
        const auto response = stack_.post(body);
        EXPECT_EQ(response.status, 201U) << response.body;
        return json::parse(response.body);
    }
    [[nodiscard]] std::size_t too_old_letters() {
        const auto letters = read_stream(stack_.nats().url(), "EVENTS_DEAD");
        return static_cast<std::size_t>(std::ranges::count_if(letters, [](const auto& letter) {
            return letter.headers.at("X-Reason-Code") == "too_old";
        }));
    }
    void restart(const std::string& daemon, const Variables& variables) {
        EXPECT_EQ(stack_.stop(daemon).code, 0);
        stack_.start(daemon, variables);
    }

    Stack stack_;
};

TEST_F(Retention, DropsOldDaysForGoodAndReportsSayFromWhenOnEventsAreKept) {
    stack_.start_all();
    send("[" + facebook_top("fb-old", days_ago(40)) + "," + facebook_top("fb-35", days_ago(35)) +
         "," + facebook_bottom("fb-new", days_ago(1)) + "," + tiktok_top("ttk-old", days_ago(40)) +
         "," + tiktok_top("ttk-new", days_ago(1)) + "]");
    ASSERT_TRUE(stack_.await_rows(5));
    EXPECT_EQ(stack_.report("/reports/events"), json::parse(R"({"count":5})"));

    // Reports are answered meanwhile, each by what is there.
    const std::jthread asking{
        [&, client = stack_.new_client("reporter")](const std::stop_token& stop) mutable {
            while (!stop.stop_requested()) {
                const auto answer = client.send({.target = "/reports/events"}, kPatience);
                ASSERT_TRUE(answer) << answer.error().message;
                ASSERT_EQ(answer->status, 200U) << answer->body;
                const auto report = json::parse(answer->body);
                ASSERT_TRUE(report.at("count") == 5 || report.contains("from")) << answer->body;
            }
        }};
    restart("fb-collector", kMonth);
    restart("ttk-collector", {{"RETENTION_DAYS", "10"}, {"RETENTION_DAYS_TIKTOK", "30"}});
    EXPECT_TRUE(await([&] { return stack_.stored_rows() == 2; }));
    EXPECT_TRUE(await([&] {
        return !has_day("facebook", 40) && !has_day("facebook", 35) && !has_day("tiktok", 40);
    }));
    EXPECT_TRUE(has_day("facebook", 1));

    const auto from = query(stack_.database(),
                            "SELECT to_char(first AT TIME ZONE 'UTC', "
                            "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM events.retained_from WHERE "
                            "source = 'facebook'");
    const auto all = stack_.report("/reports/events");
    EXPECT_EQ(all.at("count"), 2);
    EXPECT_EQ(all.at("from"), from);
    const auto gone = stack_.report("/reports/revenue?source=tiktok&to=" + days_ago(33));
    EXPECT_EQ(gone.at("from"), from) << gone;
    EXPECT_FALSE(stack_.report("/reports/events?from=" + days_ago(20)).contains("from"));
    const auto csv =
        stack_.new_client("reporter")
            .send({.target = "/reports/events?groupBy=source", .headers = {{"Accept", "text/csv"}}},
                  kPatience);
    ASSERT_TRUE(csv);
    EXPECT_EQ(csv->header("Retained-From"), from);
    EXPECT_EQ(csv->body, "source,count\r\nfacebook,1\r\ntiktok,1\r\n");

    EXPECT_EQ(stack_.metric("fb-collector", R"(dropped_partitions_total{source="facebook"})"), 2);
    EXPECT_EQ(stack_.metric("ttk-collector", R"(retained_days{source="tiktok"})"), 30);
    EXPECT_GT(stack_.metric("ttk-collector", R"(stored_bytes{source="tiktok"})"), 0);
}

TEST_F(Retention, NothingBringsADayBack) {
    stack_.start("gateway");
    stack_.start("reporter");
    stack_.start("fb-collector", kMonth);
    stack_.start("ttk-collector", kMonth);
    // One gateway does not know of it yet: what it took is kept as a dead letter.
    send("[" + facebook_top("fb-old", days_ago(40)) + "," + facebook_top("fb-new", days_ago(1)) +
         "," + tiktok_top("ttk-old", days_ago(40)) + "]");
    EXPECT_TRUE(await([&] { return too_old_letters() == 2; }));
    EXPECT_TRUE(stack_.await_rows(1));
    EXPECT_FALSE(has_day("facebook", 40));
    EXPECT_EQ(stack_.metric("fb-collector",
                            R"(dead_letter_events_total{reason="too_old",source="facebook"})"),
              1);

    restart("gateway", kMonth);
    const auto answer = send("[" + facebook_top("fb-old2", days_ago(40)) + "," +
                             tiktok_top("t", days_ago(2)) + "]");
    EXPECT_EQ(answer.at("saved"), 1);
    EXPECT_EQ(answer.at("failed"), 1);
    const auto& error = answer.at("errors").at(0);
    EXPECT_EQ(error.at("code"), "too_old");
    EXPECT_EQ(error.at("path"), "timestamp");
    EXPECT_EQ(error.at("eventId"), "fb-old2");
    EXPECT_TRUE(await([&] { return too_old_letters() == 3; }));
    EXPECT_EQ(
        stack_.metric("gateway", R"(failed_events_total{reason="too_old",source="facebook"})"), 1);
    EXPECT_TRUE(stack_.await_rows(2));
    EXPECT_FALSE(has_day("facebook", 40));
}

// Events were taken, and wait in the stream while their day goes.
TEST_F(Retention, WhatWaitedTooLongIsADeadLetter) {
    stack_.start_all();
    EXPECT_EQ(stack_.stop("fb-collector").code, 0);
    send("[" + facebook_top("fb-old", days_ago(40)) + "," + facebook_top("fb-new", days_ago(1)) +
         "]");
    EXPECT_EQ(too_old_letters(), 0U);
    stack_.start("fb-collector", kMonth);
    EXPECT_TRUE(stack_.await_rows(1));
    EXPECT_TRUE(await([&] { return too_old_letters() == 1; }));
    EXPECT_FALSE(has_day("facebook", 40));
    EXPECT_EQ(stack_.report("/reports/events").at("count"), 1);
}

}  // namespace
}  // namespace events::test
