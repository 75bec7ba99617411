#include "publisher/publisher.hpp"

#include "stand_in.hpp"
#include "support/await.hpp"
#include "support/ports.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;
using test::await;
using test::Script;
using test::StandIn;
using ::testing::HasSubstr;

PublisherOptions options_for(const http::Endpoint& endpoint) {
    PublisherOptions options;
    options.events = {
        .seed = 7,
        .start_time = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}},
        .interval = 0ms,
        .min_events = 50,
        .max_events = 150,
        .invalid_ratio = 0.5,
        .duplicate_ratio = 0,
        .out_of_order = 0ms,
        .count = 2'000};
    options.clock = EventClock::generator;
    options.sender.endpoint = endpoint;
    return options;
}

http::Response unavailable(std::string retry_after = {}) {
    http::Response response;
    response.status = 503;
    if (!retry_after.empty()) response.headers.emplace_back("Retry-After", std::move(retry_after));
    return response;
}

http::Response with_status(unsigned status, std::string body = {}) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

/// The publisher with all it needs, as main wires it.
class Running {
  public:
    explicit Running(const PublisherOptions& options)
        : gateway_{options.sender.endpoint, indicator_, log_},
          publisher_{options, gateway_, probe_, [this] { done_.store(true); }} {}

    [[nodiscard]] bool is_done() const { return done_.load(); }
    [[nodiscard]] bool is_up() const { return indicator_.is_up(); }
    [[nodiscard]] std::string reason() const { return indicator_.reason(); }
    [[nodiscard]] std::string metrics() const { return metrics_.text(); }
    [[nodiscard]] Summary summary() const { return publisher_.summary(); }
    [[nodiscard]] Summary stop(std::chrono::milliseconds within = 30s) {
        return publisher_.stop(std::chrono::steady_clock::now() + within);
    }

  private:
    logging::Logger log_{"publisher", {.level = logging::Level::fatal}};
    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    health::Indicator& indicator_ = health_.add("gateway");
    Probe probe_{metrics_, log_};
    std::atomic<bool> done_{false};
    GatewayWatch gateway_;
    Publisher publisher_;
};

/// What the generator alone makes of the same settings.
std::vector<Batch> expected_batches(const PublisherOptions& options) {
    EventGenerator generator{options.events};
    std::vector<Batch> batches;
    while (auto batch = generator.next_batch()) batches.push_back(std::move(*batch));
    return batches;
}

std::vector<std::string> sorted_bodies(const std::vector<test::ReceivedPost>& received) {
    std::vector<std::string> bodies;
    for (const auto& post : received) bodies.push_back(post.body);
    std::ranges::sort(bodies);
    return bodies;
}

TEST(Publisher, PostsWhatTheGeneratorMakesWhateverTheConcurrency) {
    for (const unsigned concurrency : {1U, 8U}) {
        StandIn gateway;
        auto options = options_for(gateway.endpoint());
        options.concurrency = concurrency;
        Running publisher{options};
        ASSERT_TRUE(await([&] { return publisher.is_done(); }));

        std::vector<std::string> expected;
        for (const auto& batch : expected_batches(options)) expected.push_back(batch.body);
        std::ranges::sort(expected);
        EXPECT_EQ(sorted_bodies(gateway.received()), expected);
    }
}

TEST(Publisher, SummarisesTheRunAsTheGatewayCountedIt) {
    StandIn gateway;
    const auto options = options_for(gateway.endpoint());
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    const auto summary = publisher.stop();

    std::size_t invalid = 0;
    const auto batches = expected_batches(options);
    for (const auto& batch : batches) invalid += batch.expected_invalid();
    ASSERT_GT(invalid, 0U);
    EXPECT_EQ(summary.posts, batches.size());
    EXPECT_EQ(summary.sent, 2'000U);
    EXPECT_EQ(summary.saved, 2'000U - invalid);
    EXPECT_EQ(summary.failed, invalid);
    EXPECT_EQ(summary.spooled, 0U);
    EXPECT_EQ(summary.retried, 0U);
    EXPECT_EQ(summary.lost, 0U);
    const auto metrics = publisher.metrics();
    EXPECT_THAT(metrics, HasSubstr(fmt::format("published_events_total {}\n", 2'000 - invalid)));
    EXPECT_THAT(metrics, HasSubstr(fmt::format("publish_failures_total{{reason=\"invalid\"}} {}\n",
                                               invalid)));
    EXPECT_THAT(metrics, HasSubstr("publish_failures_total{reason=\"refused\"} 0\n"));
}

TEST(Publisher, CountsSpooledEventsAsSaved) {
    StandIn gateway{
        [](std::size_t) { return with_status(202, R"({"saved":100,"failed":0,"spooled":60})"); }};
    auto options = options_for(gateway.endpoint());
    options.events.count = 100;
    options.events.min_events = options.events.max_events = 100;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    const auto summary = publisher.stop();
    EXPECT_EQ(summary.saved, 100U);
    EXPECT_EQ(summary.spooled, 60U);
    EXPECT_EQ(summary.lost, 0U);
}

TEST(Publisher, SendsJsonWithACorrelationIdAndATraceOfItsOwnForEachPost) {
    StandIn gateway;
    Running publisher{options_for(gateway.endpoint())};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    std::vector<std::string> ids;
    for (const auto& post : gateway.received()) {
        EXPECT_EQ(post.content_type, "application/json");
        ids.push_back(post.correlation_id);
        ids.emplace_back(http::TraceContext::parse(post.traceparent).trace_id());
    }
    std::ranges::sort(ids);
    EXPECT_NE(ids.front(), "");
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(Publisher, RepeatsTheSameBytesNotBeforeTheRetryAfterOfA503) {
    StandIn gateway{[](std::size_t number) -> std::optional<http::Response> {
        if (number == 0) return unavailable("1");
        return std::nullopt;
    }};
    auto options = options_for(gateway.endpoint());
    options.events.count = 100;
    options.events.min_events = options.events.max_events = 100;
    options.sender.retry = true;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    const auto summary = publisher.stop();
    const auto received = gateway.received();
    ASSERT_EQ(received.size(), 2U);
    EXPECT_EQ(received[0].body, received[1].body);
    EXPECT_EQ(received[0].correlation_id, received[1].correlation_id);
    EXPECT_EQ(received[0].traceparent, received[1].traceparent);
    EXPECT_GE(received[1].at - received[0].at, 1s);
    EXPECT_EQ(summary.posts, 1U);
    EXPECT_EQ(summary.sent, 100U);
    EXPECT_EQ(summary.saved + summary.failed, 100U);
    EXPECT_EQ(summary.retried, 1U);
    EXPECT_EQ(summary.lost, 0U);
    EXPECT_THAT(publisher.metrics(), HasSubstr("publish_failures_total{reason=\"refused\"} 0\n"));
}

struct LossCase {
    std::string name;
    unsigned status;
    std::string body;
    bool retry;
    std::string reason;
    std::uint64_t lost;
};

class LostPost : public ::testing::TestWithParam<LossCase> {};

TEST_P(LostPost, IsCountedWithItsReasonAndNotRepeated) {
    const auto& expected = GetParam();
    StandIn gateway{[&](std::size_t) { return with_status(expected.status, expected.body); }};
    auto options = options_for(gateway.endpoint());
    options.events.count = 100;
    options.events.min_events = options.events.max_events = 100;
    options.sender.retry = expected.retry;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    const auto summary = publisher.stop();
    EXPECT_EQ(gateway.received().size(), 1U);
    EXPECT_EQ(summary.lost, expected.lost);
    EXPECT_EQ(summary.saved, 100U - expected.lost);
    EXPECT_THAT(publisher.metrics(),
                HasSubstr(fmt::format("publish_failures_total{{reason=\"{}\"}} {}\n",
                                      expected.reason, expected.lost)));
}

INSTANTIATE_TEST_SUITE_P(
    Publisher, LostPost,
    ::testing::Values(LossCase{"RefusedWithoutRetry", 503, "", false, "refused", 100},
                      LossCase{"RejectedWithoutRetry", 400, "", false, "rejected", 100},
                      LossCase{"RejectedWithRetry", 413, "", true, "rejected", 100},
                      LossCase{"LeftOut", 201, R"({"saved":97,"failed":0})", true, "unaccounted",
                               3}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(Publisher, WaitsForTheGatewaysFirstAnswerBeforeItPosts) {
    const auto port = test::free_port();
    auto options = options_for({.host = "127.0.0.1", .port = port, .target = "/events"});
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.reason() != "starting"; }));
    EXPECT_FALSE(publisher.is_up());
    EXPECT_EQ(publisher.summary().posts, 0U);

    StandIn gateway{{}, port};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    EXPECT_TRUE(await([&] { return publisher.is_up(); }));
    EXPECT_EQ(publisher.stop().lost, 0U);
}

TEST(Publisher, WithRetryItLosesNothingWhileTheGatewayIsAway) {
    const auto port = test::free_port();
    auto gateway = std::make_unique<StandIn>(Script{}, port);
    auto options = options_for(gateway->endpoint());
    options.events.interval = 10ms;
    options.events.count = 0;
    options.sender.retry = true;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.summary().saved > 0; }));
    gateway.reset();
    ASSERT_TRUE(await([&] { return !publisher.is_up(); }));

    gateway = std::make_unique<StandIn>(Script{}, port);
    ASSERT_TRUE(await([&] { return publisher.summary().retried > 0; }));
    const auto summary = publisher.stop(test::kPatience);
    EXPECT_EQ(summary.lost, 0U);
    EXPECT_EQ(summary.saved + summary.failed, summary.sent);
    EXPECT_TRUE(await([&] { return publisher.is_up(); }));
}

TEST(Publisher, DoesNotWaitForAnswersButNeverHasMoreThanConcurrencyPostsInFlight) {
    StandIn gateway;
    gateway.hold();
    auto options = options_for(gateway.endpoint());
    options.events.interval = 1ms;
    options.concurrency = 3;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return gateway.in_hand() == 3; }));
    ASSERT_TRUE(await([&] { return publisher.summary().skipped >= 10; }));
    EXPECT_EQ(publisher.summary().posts, 3U);
    gateway.release();
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    const auto summary = publisher.stop();
    EXPECT_EQ(gateway.most_in_hand(), 3U);
    EXPECT_EQ(summary.sent, 2'000U);  // turns are skipped, events are not
    EXPECT_EQ(summary.lost, 0U);
}

TEST(Publisher, ReportsAPostWithoutAnAnswerInTimeAsUnanswered) {
    StandIn gateway;
    gateway.hold();
    auto options = options_for(gateway.endpoint());
    options.events.count = 100;
    options.events.min_events = options.events.max_events = 100;
    options.sender.request_timeout = 3s;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.is_done(); }));
    EXPECT_EQ(publisher.stop().lost, 100U);
    EXPECT_THAT(publisher.metrics(),
                HasSubstr("publish_failures_total{reason=\"unanswered\"} 100\n"));
}

TEST(PublisherStop, WaitsForTheAnswersInFlight) {
    StandIn gateway;
    gateway.hold();
    auto options = options_for(gateway.endpoint());
    options.events.count = 0;
    options.concurrency = 2;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return gateway.in_hand() == 2; }));
    std::atomic<bool> stopping{false};
    auto stopped = std::async(std::launch::async, [&] {
        stopping = true;
        return publisher.stop();
    });
    ASSERT_TRUE(await([&] { return stopping.load(); }));
    EXPECT_EQ(stopped.wait_for(1s), std::future_status::timeout);
    gateway.release();
    const auto summary = stopped.get();
    EXPECT_EQ(summary.posts, 2U);
    EXPECT_EQ(summary.saved + summary.failed, summary.sent);
    EXPECT_EQ(summary.lost, 0U);
    EXPECT_FALSE(publisher.is_done());  // it was stopped, not finished
}

TEST(PublisherStop, CountsWhatIsNotAnsweredByTheDeadlineAsLost) {
    StandIn gateway;
    gateway.hold();
    auto options = options_for(gateway.endpoint());
    options.events.count = 0;
    options.concurrency = 2;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return gateway.in_hand() == 2; }));
    const auto summary = publisher.stop(200ms);
    EXPECT_GT(summary.sent, 0U);
    EXPECT_EQ(summary.lost, summary.sent);
    gateway.release();
}

TEST(PublisherStop, EndsAPauseBetweenTwoAttempts) {
    StandIn gateway{[](std::size_t) { return unavailable("300"); }};
    auto options = options_for(gateway.endpoint());
    options.events.count = 0;
    options.concurrency = 1;
    options.sender.retry = true;
    Running publisher{options};
    ASSERT_TRUE(await([&] {
        return publisher.metrics().find("publish_retries_total 1\n") != std::string::npos;
    }));
    const auto summary = publisher.stop(500ms);
    EXPECT_EQ(summary.posts, 1U);
    EXPECT_EQ(summary.lost, summary.sent);
    const auto refused =
        fmt::format("publish_failures_total{{reason=\"refused\"}} {}\n", summary.sent);
    EXPECT_TRUE(await([&] { return publisher.metrics().find(refused) != std::string::npos; }));
}

TEST(PublisherStop, EndsTheWaitForAGatewayThatNeverCame) {
    Running publisher{
        options_for({.host = "127.0.0.1", .port = test::free_port(), .target = "/events"})};
    const auto summary = publisher.stop();
    EXPECT_EQ(summary.posts, 0U);
    EXPECT_EQ(summary.lost, 0U);
}

/// A watch alone, with its own stand-in gateway, that asks after the least silence.
struct Watched {
    StandIn gateway;
    metrics::Registry metrics;
    health::Registry health{metrics};
    health::Indicator& indicator = health.add("gateway");
    GatewayWatch watch{gateway.endpoint(),
                       indicator,
                       logging::Logger{"watch", {.level = logging::Level::fatal}},
                       {.while_down = 5ms, .after_silence = 1ms, .deadline = 60s}};
};

// A gateway busy with large POSTs was slow to answer /liveness, so the publisher reported it as
// down again and again while every POST was accepted.
TEST(GatewayHealth, IsNotAskedForWhileAPostIsInFlight) {
    Watched idle;
    Watched busy;
    ASSERT_TRUE(await([&] { return busy.indicator.is_up(); }));
    busy.watch.posting();
    const auto busy_before = busy.gateway.probes();
    const auto idle_before = idle.gateway.probes();
    ASSERT_TRUE(await([&] { return idle.gateway.probes() >= idle_before + 10; }));
    EXPECT_LE(busy.gateway.probes(), busy_before + 1);  // one may have been on its way

    busy.watch.answered(201);
    EXPECT_TRUE(await([&] { return busy.gateway.probes() >= busy_before + 10; }));
}

TEST(GatewayHealth, IsDownAfterA5xxToAPostThoughTheGatewayIsAliveAndUpAfterTheNextAnswer) {
    std::atomic<bool> refuse{true};
    StandIn gateway{[&](std::size_t) -> std::optional<http::Response> {
        if (refuse) return unavailable();
        return std::nullopt;
    }};
    auto options = options_for(gateway.endpoint());
    options.events.count = 0;
    options.events.interval = 5ms;
    options.events.max_events = 50;
    Running publisher{options};
    ASSERT_TRUE(await([&] { return publisher.reason() == "answers events with 503"; }));
    refuse = false;
    ASSERT_TRUE(await([&] { return publisher.summary().saved > 0; }));
    EXPECT_TRUE(await([&] { return publisher.is_up(); }));
    static_cast<void>(publisher.stop());
}

}  // namespace
}  // namespace events::publisher
