// SIGTERM at moments that a seed chooses: what is in hand is finished, nothing else is begun.
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/http/raw_client.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <signal.h>

#include <chrono>
#include <future>
#include <random>
#include <string>
#include <thread>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int kMoments = 5;

class ShutdownMoments : public ::testing::Test {
  protected:
    /// Up to that long, by the seed.
    void pass_time(std::chrono::milliseconds longest) {
        std::this_thread::sleep_for(std::chrono::microseconds{
            random_() % (1'000U * static_cast<unsigned>(longest.count()))});
    }

    Stack stack_;
    std::mt19937 random_{20'261};
};

class CollectorShutdown : public ShutdownMoments,
                          public ::testing::WithParamInterface<std::string> {};

// A client that never repeats a request has to know what became of it.
TEST_F(ShutdownMoments, TheGatewayAnswersThePostInHand) {
    stack_.start("fb-collector");
    stack_.start("ttk-collector");
    std::uint64_t saved = 0;
    for (int moment = 0; moment < kMoments; ++moment) {
        // However slow the machine is.
        stack_.start("gateway", {{"SHUTDOWN_GRACE_MS", "300000"}});
        const auto batch = make_batch(20'000, 100 + static_cast<std::uint64_t>(moment));
        auto post = std::async(std::launch::async, [&] { return stack_.post(batch.body); });
        ASSERT_TRUE(await([&] {
            return stack_.metric("gateway", "inflight_bytes") > 0 ||
                   post.wait_for(0s) == std::future_status::ready;
        }));
        pass_time(60ms);
        EXPECT_EQ(stack_.stop("gateway").code, 0);
        http::ClientResponse response;
        ASSERT_NO_THROW(response = post.get()) << "no answer at moment " << moment;
        // 201, or an honest "so many were saved".
        EXPECT_TRUE(response.status == 201 || response.status == 202 || response.status == 503);
        saved += json::parse(response.body).at("saved").get<std::uint64_t>();
    }
    stack_.start("gateway");  // publishes what is spooled
    EXPECT_TRUE(await([&] { return stack_.stored_rows() >= saved; }));
    EXPECT_LE(stack_.stored_rows(), kMoments * 20'000U);
}

// Behind a load balancer each request between SIGTERM and its next look at /readiness was refused.
TEST_F(ShutdownMoments, AGatewayTakesEventsUntilItsShutdownDelayIsOver) {
    stack_.start("gateway", {{"SHUTDOWN_DELAY_MS", "300000"}, {"SHUTDOWN_GRACE_MS", "300000"}});
    stack_.process("gateway").signal(SIGTERM);
    ASSERT_TRUE(await([&] { return !stack_.is_ready("gateway"); }));
    EXPECT_EQ(stack_.post(make_batch(10).body).status, 201U);
    stack_.kill("gateway");
}

TEST_F(ShutdownMoments, AGatewayThatDrainsRefusesARequestThatHadOnlyBegun) {
    stack_.start("gateway", {{"SHUTDOWN_GRACE_MS", "300000"}});
    const auto port = stack_.port("gateway");
    const auto post = request("POST", "/events", "[]", "Content-Type: application/json\r\n");
    RawClient client{port};
    // So that the gateway has the connection, and not only the kernel.
    ASSERT_TRUE(client.send(request("GET", "/liveness")));
    ASSERT_TRUE(client.receive());
    ASSERT_TRUE(client.send(post.substr(0, 20)));
    stack_.process("gateway").signal(SIGTERM);
    ASSERT_TRUE(await([&] {
        try {
            const RawClient another{port};
            return false;
        } catch (const std::exception&) {
            return true;
        }
    })) << "it takes connections for ever";
    ASSERT_TRUE(client.send(post.substr(20)));
    const auto refused = client.receive();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503U);
    EXPECT_NE(refused->header("retry-after"), "");
    EXPECT_EQ(stack_.wait_end("gateway").code, 0);
}

TEST_P(CollectorShutdown, ACollectorAcknowledgesTheBatchInHandAndGivesBackTheRest) {
    const auto& daemon = GetParam();
    stack_.start("gateway");
    std::uint64_t sent = 0;
    for (int moment = 0; moment < kMoments; ++moment) {
        const auto batch = make_batch(6'000, 200 + static_cast<std::uint64_t>(moment));
        ASSERT_EQ(stack_.post(batch.body).status, 201U);
        sent += batch.stored.events(daemon == "fb-collector" ? kFacebook : kTikTok);
        stack_.start(daemon);
        pass_time(150ms);
        EXPECT_EQ(stack_.stop(daemon).code, 0) << "moment " << moment;
    }
    stack_.start(daemon);
    EXPECT_TRUE(stack_.await_rows(sent));
    const auto source = daemon == "fb-collector" ? "facebook" : "tiktok";
    const auto series = std::string{"duplicate_events_total{source=\""} + source + "\"}";
    EXPECT_EQ(stack_.metric(daemon, series), 0) << "what was stored was not acknowledged";
}

INSTANTIATE_TEST_SUITE_P(Moments, CollectorShutdown,
                         ::testing::Values("fb-collector", "ttk-collector"), [](const auto& test) {
                             return test.param.substr(0, test.param.find('-'));
                         });

TEST_F(ShutdownMoments, TheReporterAnswersTheReportInHand) {
    stack_.start("fb-collector");  // makes the tables
    for (int moment = 0; moment < 3; ++moment) {
        stack_.start("reporter", {{"SHUTDOWN_GRACE_MS", "300000"}});
        pqxx::connection connection{stack_.database()};
        pqxx::work lock{connection};
        // What fills the cache ahead of reports does not read it: who waits for it is the report.
        lock.exec("LOCK TABLE events.event_changes IN ACCESS EXCLUSIVE MODE");
        auto report = std::async(std::launch::async,
                                 [&] { return stack_.get("reporter", "/reports/events"); });
        ASSERT_TRUE(await([&] {
            return query(stack_.database(),
                         "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = "
                         "'Lock' AND application_name LIKE 'reporter%'") == "t";
        }));
        stack_.process("reporter").signal(SIGTERM);
        pass_time(300ms);
        lock.abort();
        http::ClientResponse response;
        ASSERT_NO_THROW(response = report.get());
        EXPECT_EQ(response.status, 200U) << response.body;
        EXPECT_EQ(stack_.wait_end("reporter").code, 0);
    }
}

}  // namespace
}  // namespace events::test
