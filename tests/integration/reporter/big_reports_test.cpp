// Reports that count so many events that they leave the pool's threads.

#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <future>
#include <string>
#include <vector>

namespace events::reporter {
namespace {

class BigReportsTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        url_ = test::postgres_cluster().make_database();
        prepare_days(url_);
        // By its name: no row is noted as a change.
        test::query(
            url_,
            "INSERT INTO \"tiktok_events_2026-03-02\" (event_id, occurred_at, received_at,"
            " funnel_stage, event_type, user_id, username, followers, country, device,"
            " purchase_amount) SELECT n, '2026-03-02 00:00:00+00'::timestamptz"
            " + n * interval '123457 microseconds', now(), 'bottom', 'purchase',"
            " 'user-' || n % 70001, 'u', n % 5000, 'country-' || n % 7, 'iOS', 0.01 * (n % 9)"
            " FROM generate_series(1, 400000) AS n");
        SegmentBuilder{url_}.build(60'000);
    }
    static std::string sql(const std::string& expression, const std::string& condition) {
        return test::query(
            url_, fmt::format("SELECT {} FROM tiktok_events WHERE {}", expression, condition));
    }
    static void expect_exact(const ReporterServer& server, const std::string& filter,
                             const std::string& condition) {
        const auto group = [&](const std::string& target) {
            const auto body = nlohmann::json::parse(server.get(target).body);
            return body.at("groups").at(0);
        };
        EXPECT_EQ(server.get("demographics?" + filter).body,
                  "{\"userCount\":" + sql("count(DISTINCT user_id)", condition) + "}");
        const auto users = group("demographics?groupBy=country&" + filter);
        EXPECT_EQ(
            users.at("userCount").dump(),
            sql("count(DISTINCT user_id)", fmt::format("{} AND country = '{}'", condition,
                                                       users.at("country").get<std::string>())));
        const auto events = group("events?groupBy=country&interval=minute&limit=1&" + filter);
        int sum = 0;
        for (const auto& point : events.at("series")) sum += point.at("count").get<int>();
        EXPECT_EQ(std::to_string(sum),
                  sql("count(*)", fmt::format("{} AND country = '{}'", condition,
                                              events.at("country").get<std::string>())));
        EXPECT_EQ(nlohmann::json::parse(server.get("revenue?device=iOS&" + filter).body)
                      .at("transactions")
                      .dump(),
                  sql("count(*)", condition));
    }

    inline static std::string url_;  // NOLINT(cert-err58-cpp)
};

TEST_F(BigReportsTest, AreExact) {
    const ReporterServer server{url_};
    expect_exact(server, "", "true");
    expect_exact(server, "followersMin=1&followersMax=4500", "followers BETWEEN 1 AND 4500");
    expect_exact(server, "from=2026-03-02T00:10:00.5Z&to=2026-03-02T13:20:00Z",
                 "occurred_at BETWEEN '2026-03-02 00:10:00.5+00' AND '2026-03-02 13:20:00+00'");
}

TEST_F(BigReportsTest, HoldNoConnectionThatShortOnesNeed) {
    const ReporterServer server{url_, postgres::PoolOptions{.connections = 1}};
    std::vector<std::future<http::ClientResponse>> answers;
    for (int i = 0; i < 12; ++i) {
        answers.push_back(std::async(std::launch::async, [&, i] {
            return server.get(i % 2 == 0 ? fmt::format("demographics?from={}", i)
                                         : fmt::format("events?from={}", i));
        }));
    }
    for (auto& answer : answers) {
        const auto response = answer.get();
        EXPECT_EQ(response.status, 200U) << response.body;
        EXPECT_TRUE(response.body == R"({"userCount":70001})" ||
                    response.body == R"({"count":400000})")
            << response.body;
    }
}

TEST_F(BigReportsTest, AreAnsweredWithWhatIsLeftOfTheTimeWhenTheReporterStops) {
    std::vector<std::future<http::ClientResponse>> answers;
    {
        ReporterServer server{url_, postgres::PoolOptions{.connections = 2}};
        for (int i = 0; i < 8; ++i) {
            answers.push_back(std::async(std::launch::async, [&, i] {
                return server.get(fmt::format("demographics?groupBy=country&from={}", i));
            }));
        }
        ASSERT_TRUE(test::await([&] { return server.counter("segment_fetches_total") > 0; }));
        server.stop();
        for (auto& answer : answers) {
            const auto status = answer.get().status;
            EXPECT_TRUE(status == 200 || status == 503) << status;
        }
    }
}

}  // namespace
}  // namespace events::reporter
