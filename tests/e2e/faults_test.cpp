// What a daemon's end, or its neighbour's, may cost: nothing.
#include "common/events/time.hpp"
#include "load.hpp"
#include "publisher/event_generator.hpp"
#include "retrying_sender.hpp"
#include "stack.hpp"
#include "support/await.hpp"

#include <gtest/gtest.h>

#include <signal.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using publisher::EventGenerator;
using publisher::Figures;

TEST(Shutdown, SigtermUnderLoadLosesNothingAndEndsWithZero) {
    Stack stack;
    stack.start_all();
    RetryingSender sender{stack, 11};
    for (const std::string daemon : {"gateway", "fb-collector", "ttk-collector", "gateway"}) {
        const auto before = sender.posts();
        ASSERT_TRUE(await([&] { return sender.posts() > before + 3; }));
        const auto status = stack.stop(daemon);
        EXPECT_EQ(status.code, 0) << daemon;
        stack.start(daemon);
    }
    const auto expected = sender.finish();
    EXPECT_TRUE(stack.await_rows(expected.events()));
}

TEST(Crash, KillOfACollectorLosesAndDoublesNothing) {
    Stack stack;
    stack.start_all();
    RetryingSender sender{stack, 12};
    for (const std::string daemon : {"fb-collector", "ttk-collector"}) {
        const auto before = sender.posts();
        ASSERT_TRUE(await([&] { return sender.posts() > before + 3; }));
        stack.kill(daemon);
        // A short ack_wait, so that what the dead one held comes back soon.
        stack.start(daemon, {{"ACK_WAIT_MS", "2000"}});
    }
    const auto expected = sender.finish();
    EXPECT_TRUE(stack.await_rows(expected.events()));
}

TEST(Outage, OfNatsIsOverWhenItIsBack) {
    Stack stack;
    stack.start_all();
    RetryingSender sender{stack, 13};
    ASSERT_TRUE(await([&] { return sender.posts() > 3; }));
    stack.nats().kill();
    EXPECT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
    EXPECT_TRUE(await([&] { return !stack.is_ready("fb-collector"); }));
    EXPECT_EQ(stack.get("gateway", "/liveness").status, 200U);
    stack.nats().restart();
    const auto before = sender.posts();
    ASSERT_TRUE(await([&] { return sender.posts() > before + 3; }));
    EXPECT_TRUE(await([&] { return stack.is_ready("gateway"); }));
    const auto expected = sender.finish();
    EXPECT_TRUE(stack.await_rows(expected.events()));
    EXPECT_TRUE(await([&] { return stack.is_ready("fb-collector"); }));
}

TEST(Outage, OfTheDatabaseKeepsEverythingInTheStreams) {
    Stack stack;
    stack.start_all();
    RetryingSender sender{stack, 14};
    ASSERT_TRUE(await([&] { return sender.posts() > 3; }));
    postgres_cluster().kill();
    for (const auto* daemon : {"fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_TRUE(await([&] { return !stack.is_ready(daemon); })) << daemon;
        EXPECT_EQ(stack.get(daemon, "/liveness").status, 200U);
    }
    EXPECT_TRUE(stack.is_ready("gateway"));
    EXPECT_EQ(stack.get("reporter", "/reports/events").status, 503U);
    const auto before = sender.posts();  // the gateway does not need the database
    ASSERT_TRUE(await([&] { return sender.posts() > before + 3; }));
    postgres_cluster().restart();
    const auto expected = sender.finish();
    EXPECT_TRUE(stack.await_rows(expected.events()));
    for (const auto* daemon : {"fb-collector", "ttk-collector", "reporter"}) {
        EXPECT_TRUE(await([&] { return stack.is_ready(daemon); })) << daemon;
    }
    EXPECT_EQ(stack.report("/reports/events").at("count"), expected.events());
}

TEST(Restart, OfEverythingKeepsTheData) {
    Stack stack;
    stack.start_all();
    EventGenerator generator{{.seed = 15,
                              .start_time = recently(),
                              .min_events = 4'000,
                              .max_events = 4'000,
                              .invalid_ratio = 0.0,
                              .count = 8'000}};
    Figures expected;
    // One POST is stored, one waits in the streams while everything stops.
    auto batch = generator.next_batch();
    expected += batch->stored;
    ASSERT_EQ(stack.post(batch->body).status, 201U);
    ASSERT_TRUE(stack.await_rows(expected.events()));
    EXPECT_EQ(stack.stop("fb-collector").code, 0);
    EXPECT_EQ(stack.stop("ttk-collector").code, 0);
    batch = generator.next_batch();
    expected += batch->stored;
    ASSERT_EQ(stack.post(batch->body).status, 201U);
    EXPECT_EQ(stack.stop("gateway").code, 0);
    EXPECT_EQ(stack.stop("reporter").code, 0);
    stack.nats().restart();
    postgres_cluster().restart();
    stack.start_all();
    EXPECT_TRUE(stack.await_rows(expected.events()));
    EXPECT_EQ(stack.report("/reports/events").at("count"), expected.events());
}

TEST(Shutdown, ASecondSignalLeavesAtOnce) {
    Stack stack;
    // A gateway that stays up for a minute before it drains, so that the signal meets it there.
    stack.start("gateway", {{"SHUTDOWN_DELAY_MS", "60000"}, {"SHUTDOWN_GRACE_MS", "120000"}});
    stack.process("gateway").signal(SIGTERM);
    ASSERT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
    stack.process("gateway").signal(SIGTERM);
    EXPECT_EQ(stack.wait_end("gateway").code, 128 + SIGTERM);
}

TEST(Shutdown, WhileItLeavesItIsAliveAndUnready) {
    Stack stack;
    stack.start("gateway", {{"SHUTDOWN_DELAY_MS", "60000"}, {"SHUTDOWN_GRACE_MS", "120000"}});
    stack.process("gateway").signal(SIGTERM);
    ASSERT_TRUE(await([&] { return !stack.is_ready("gateway"); }));
    EXPECT_EQ(stack.get("gateway", "/liveness").status, 200U);
    const auto readiness = stack.get("gateway", "/readiness");
    EXPECT_EQ(readiness.status, 503U);
    EXPECT_EQ(json::parse(readiness.body).at("status"), "error");
}

TEST(Start, WithoutABrokerIsAliveButNotReadyAndSpoolsEvents) {
    Stack stack;
    stack.nats().kill();
    stack.start("gateway", {}, false);
    EXPECT_EQ(stack.get("gateway", "/liveness").status, 200U);
    EXPECT_EQ(stack.get("gateway", "/readiness").status, 503U);
    const auto batch = make_batch(3, 16);
    const auto spooled = stack.post(batch.body);
    EXPECT_EQ(spooled.status, 202U);
    EXPECT_EQ(spooled.body, R"({"saved":3,"failed":0,"spooled":3})");

    stack.nats().restart();
    ASSERT_TRUE(await([&] { return stack.is_ready("gateway"); }));
    // Until then what comes has to wait behind what is spooled.
    ASSERT_TRUE(await([&] { return stack.metric("gateway", "spool_files") == 0; }));
    EXPECT_EQ(stack.post(batch.body).status, 201U);
}

}  // namespace
}  // namespace events::test
