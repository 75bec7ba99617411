// Reports that end while segments are fetched for them, by themselves or by others.

#include "reporter_server.hpp"
#include "segment_builder.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"
#include "tables_in_use.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <vector>

namespace events::reporter {
namespace {

namespace asio = boost::asio;

/// Segments can't be fetched for as long as `in_use_` holds their bytes.
class CancelledFetchesTest : public ::testing::Test {
  protected:
    CancelledFetchesTest() {
        prepare_days(url_);
        store(url_, random_events(7, 300));
        SegmentBuilder{url_}.build_in_parts(40);
        start({.max_memory = 1 << 24});
        users_ = ReporterServer{url_}.get("demographics").body;
        in_use_.emplace(url_);
        holding_.emplace(*in_use_).exec("LOCK TABLE events.segment_blobs IN ACCESS EXCLUSIVE MODE");
    }
    void start(const CacheOptions& cache) {
        server_.emplace(url_, postgres::PoolOptions{.connections = 2}, std::chrono::minutes{1}, "",
                        cache);
    }
    void release() { holding_.reset(); }

    /// Asks for all users, as nobody else does, with `from`, and does not read the answer.
    [[nodiscard]] asio::ip::tcp::socket ask(int from) {
        asio::ip::tcp::socket socket{io_};
        socket.connect({asio::ip::address_v4::loopback(), server_->port()});
        asio::write(socket, asio::buffer("GET /reports/demographics?from=" + std::to_string(from) +
                                         " HTTP/1.1\r\nHost: test\r\n\r\n"));
        return socket;
    }
    /// One report's statement waits for the lock, and another report for what that one fetches.
    [[nodiscard]] bool await_both() const {
        return await_blocked(url_, 1) && test::await([&] {
                   return test::query(
                              url_,
                              "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in "
                              "transaction' AND application_name = 'reporter' AND datname = "
                              "current_database()") == "1";
               });
    }
    [[nodiscard]] bool await_cancelled(int reports) const {
        const auto line = R"(report_cancellations_total{category="demographics"} )" +
                          std::to_string(reports) + "\n";
        return test::await([&] { return server_->metrics().find(line) != std::string::npos; });
    }

    std::string url_ = test::postgres_cluster().make_database();
    std::optional<ReporterServer> server_;
    std::optional<pqxx::connection> in_use_;
    std::optional<pqxx::work> holding_;
    std::string users_;
    asio::io_context io_;
};

TEST_F(CancelledFetchesTest, LeaveWhatTheyFetchedToThoseWhoWaitForIt) {
    auto fetching = ask(1);
    ASSERT_TRUE(await_blocked(url_, 1));
    auto other = std::async(std::launch::async, [this] { return server_->get("demographics"); });
    ASSERT_TRUE(await_both());
    fetching.close();
    ASSERT_TRUE(await_cancelled(1));
    EXPECT_TRUE(await_blocked(url_, 1)) << "now the other one fetches";
    release();
    EXPECT_EQ(other.get().body, users_);
}

TEST_F(CancelledFetchesTest, GiveTheirConnectionBackWhileAnotherFetches) {
    auto fetching = ask(1);
    ASSERT_TRUE(await_blocked(url_, 1));
    auto waits = ask(2);
    ASSERT_TRUE(await_both());
    waits.close();
    ASSERT_TRUE(await_cancelled(1));
    EXPECT_EQ(server_->get("events").status, 200U) << "on the connection of the one that left";
    fetching.close();
    EXPECT_TRUE(await_cancelled(2));
}

TEST_F(CancelledFetchesTest, DoNotWaitForEverForWhatAnotherFetches) {
    start({.max_memory = 1 << 24, .max_wait = std::chrono::milliseconds{10}});
    auto fetching = ask(1);
    ASSERT_TRUE(await_blocked(url_, 1));
    const auto refused = server_->get("demographics");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_NE(refused.body.find("does not answer in time"), std::string::npos) << refused.body;
    fetching.close();
    EXPECT_TRUE(await_cancelled(1));
}

TEST_F(CancelledFetchesTest, AreAnsweredWhenTheReporterStops) {
    std::vector<std::future<http::ClientResponse>> answers;
    for (int i = 1; i <= 2; ++i) {
        answers.push_back(std::async(std::launch::async, [this, i] {
            return server_->get("demographics?from=" + std::to_string(i));
        }));
    }
    ASSERT_TRUE(await_both());
    server_->stop();
    for (auto& answer : answers) EXPECT_EQ(answer.get().status, 503U);
    EXPECT_TRUE(await_blocked(url_, 0)) << "no statement waits any more";
}

}  // namespace
}  // namespace events::reporter
