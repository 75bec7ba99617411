#include "reporter_server.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"
#include "tables_in_use.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <vector>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
namespace asio = boost::asio;

/// Asks for a report, and may leave before the answer.
class Impatient {
  public:
    Impatient(std::uint16_t port, const std::string& target) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        asio::write(socket_,
                    asio::buffer("GET /reports/" + target + " HTTP/1.1\r\nHost: test\r\n\r\n"));
    }
    void leave() { socket_.close(); }

  private:
    asio::io_context io_;
    asio::ip::tcp::socket socket_{io_};
};

using Answer = std::future<http::ClientResponse>;

/// Reports that wait for as long as `in_use_` holds their tables.
class SlowReportsTest : public ::testing::Test {
  protected:
    SlowReportsTest() {
        prepare_database(url_);
        in_use_.emplace(url_);
    }

    void start(postgres::PoolOptions pool, std::chrono::milliseconds statement_timeout = 1h,
               const std::string& settings = {}) {
        server_.emplace(url_, pool, statement_timeout, settings);
    }
    [[nodiscard]] Answer ask(const std::string& target) const {
        return std::async(std::launch::async, [this, target] { return server_->get(target); });
    }
    /// Like no other question: equal ones share an answer.
    [[nodiscard]] Answer ask_another() { return ask(another()); }
    [[nodiscard]] std::string another() { return "events?from=" + std::to_string(++asked_); }
    [[nodiscard]] bool await_metric(const std::string& line) const {
        return test::await([&] { return server_->metrics().find(line) != std::string::npos; });
    }
    static void expect_retry_later(const http::ClientResponse& response, const char* detail) {
        EXPECT_EQ(response.status, 503U);
        EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
        EXPECT_EQ(response.header("Retry-After"), "2");
        EXPECT_THAT(response.body, HasSubstr(detail));
    }
    /// Takes the first answer that comes out of those still awaited.
    static http::ClientResponse take_first(std::vector<Answer>& answers) {
        auto first = answers.end();
        const auto come = [&] {
            first = std::ranges::find_if(answers, [](const Answer& answer) {
                return answer.wait_for(0s) == std::future_status::ready;
            });
            return first != answers.end();
        };
        if (!test::await(come)) throw std::runtime_error{"none of the reports was answered"};
        auto response = first->get();
        answers.erase(first);
        return response;
    }

    std::string url_ = test::postgres_cluster().make_database();
    std::optional<TablesInUse> in_use_;
    std::optional<ReporterServer> server_;
    std::atomic<int> asked_{0};
};

TEST_F(SlowReportsTest, CancelsTheReportOfAClientThatLeaves) {
    start({.connections = 1, .queue = 1});
    Impatient client{server_->port(), "revenue"};
    ASSERT_TRUE(await_blocked(url_, 1));
    client.leave();
    EXPECT_TRUE(await_blocked(url_, 0)) << "no statement waits any more, in the database either";
    EXPECT_TRUE(await_metric(
        R"(http_requests_total{method="GET",route="/reports/revenue",status="499"} 1)"));
    EXPECT_TRUE(await_metric(R"(report_cancellations_total{category="revenue"} 1)"));
    in_use_.reset();
    EXPECT_EQ(server_->get("events").body, R"({"count":0})");
    EXPECT_EQ(server_->get_path("/readiness").status, 200U);
}

TEST_F(SlowReportsTest, GivesThePlaceOfAClientThatLeftTheQueueToTheNext) {
    start({.connections = 1, .queue = 1});
    auto running = ask("events");
    ASSERT_TRUE(await_blocked(url_, 1));
    Impatient waiting{server_->port(), "demographics"};
    // Asked on the same loop after it: once this is answered, it waits.
    ASSERT_TRUE(test::await([&] { return server_->get(another()).status == 503; }));
    waiting.leave();
    ASSERT_TRUE(await_metric(R"(report_cancellations_total{category="demographics"} 1)"));
    std::vector<Answer> answers;
    for (int i = 0; i < 2; ++i) answers.push_back(ask_another());
    expect_retry_later(take_first(answers), "Too many reports");
    in_use_.reset();
    EXPECT_EQ(running.get().status, 200U);
    EXPECT_EQ(answers.at(0).get().status, 200U);
}

TEST_F(SlowReportsTest, AnswersEqualQuestionsTogetherAndNeverFromBeforeTheyCame) {
    start({.connections = 1, .queue = 1});
    // One occupies the only connection; then the equal ones wait.
    auto other = ask("demographics");
    ASSERT_TRUE(await_blocked(url_, 1));
    std::vector<Answer> answers;
    for (int i = 0; i < 5; ++i) answers.push_back(ask("events"));
    ASSERT_TRUE(await_metric("shared_answers_total 4")) << "in one place of the queue";
    in_use_.reset();
    EXPECT_EQ(other.get().status, 200U);
    for (auto& answer : answers) EXPECT_EQ(answer.get().body, R"({"count":0})");
}

TEST_F(SlowReportsTest, KeepsASharedAnswerForThoseWhoStay) {
    start({.connections = 1, .queue = 1});
    auto running = ask("demographics");
    ASSERT_TRUE(await_blocked(url_, 1));
    Impatient first{server_->port(), "revenue"};
    auto second = ask("revenue");
    ASSERT_TRUE(await_metric("shared_answers_total 1"));
    first.leave();
    ASSERT_TRUE(await_metric(R"(report_cancellations_total{category="revenue"} 1)"));
    in_use_.reset();
    EXPECT_EQ(running.get().status, 200U);
    EXPECT_EQ(second.get().status, 200U);
}

TEST_F(SlowReportsTest, SaysThatALockIsInTheWay) {
    start({.connections = 1}, 4s);
    expect_retry_later(server_->get("events"), "lock in the database");
}

TEST_F(SlowReportsTest, SaysThatAReportTookTooLong) {
    start({.connections = 1}, 4s, "SET lock_timeout = 0");  // what follows must not take that long
    expect_retry_later(server_->get("events"), "took too long");
    EXPECT_EQ(server_->get_path("/readiness").status, 200U);
    in_use_.reset();
    EXPECT_EQ(server_->get("events").body, R"({"count":0})");
}

TEST_F(SlowReportsTest, ComputesNoMoreThanItsConnectionsAndAnswersTheRestAtOnce) {
    start({.connections = 2, .queue = 3});
    std::vector<Answer> answers;
    for (int i = 0; i < 6; ++i) answers.push_back(ask_another());
    // The refusal says that five were taken.
    expect_retry_later(take_first(answers), "Too many reports");
    ASSERT_TRUE(await_blocked(url_, 2));
    expect_retry_later(server_->get(another()), "Too many reports");
    EXPECT_TRUE(await_blocked(url_, 2)) << "and no more";
    in_use_.reset();
    for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200U);
}

TEST_F(SlowReportsTest, KeepsTheProbesWhileEveryConnectionIsBusy) {
    start({.connections = 2, .queue = 1, .ping_interval = 10ms});
    std::vector<Answer> answers;
    for (int i = 0; i < 4; ++i) answers.push_back(ask_another());
    expect_retry_later(take_first(answers), "Too many reports");
    ASSERT_TRUE(await_blocked(url_, 2));
    for (const auto* path : {"/liveness", "/readiness", "/metrics"}) {
        EXPECT_EQ(server_->get_path(path).status, 200U) << path;
    }
    in_use_.reset();
    for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200U);
}

TEST_F(SlowReportsTest, AnswersWhatRunsAndWhatWaitsWhenItsPoolStops) {
    start({.connections = 1, .queue = 1});
    std::vector<Answer> answers;
    for (int i = 0; i < 3; ++i) answers.push_back(ask_another());
    expect_retry_later(take_first(answers), "Too many reports");
    ASSERT_TRUE(await_blocked(url_, 1));
    server_->stop_pool();
    for (auto& answer : answers) expect_retry_later(answer.get(), "shutting down");
    EXPECT_TRUE(await_blocked(url_, 0));
}

}  // namespace
}  // namespace events::reporter
