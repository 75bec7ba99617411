// A backlog of events that are as large as events may be.
#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "integration/nats/client.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <future>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace events::test {
namespace {

constexpr std::size_t kMB = 1'000'000;
constexpr int kEvents = 7'500;
constexpr std::size_t kEventBytes = 250'000;

/// The most memory that the daemon ever had, in bytes (VmHWM).
std::size_t peak_memory(Stack& stack, const std::string& daemon) {
    std::istringstream status{
        read_file("/proc/" + std::to_string(stack.process(daemon).pid()) + "/status")};
    for (std::string word; status >> word;) {
        std::size_t kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
    }
    throw std::runtime_error{"no VmHWM of " + daemon};
}

/// A valid event: what nobody knows of it is ignored.
std::string large_event(int number) {
    auto event = facebook_top(fmt::format("fb-{}", number));
    event.insert(1, R"("note":")" + std::string(kEventBytes - event.size(), 'x') + R"(",)");
    return event;
}

void fill_stream(const std::string& url) {
    nats::test::Client client{url};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    client.jetstream.ensure_stream(nats::event_stream(kFacebook, {}));
    nats::Publisher publisher{
        client.connection, {.ack_timeout = kPatience}, nats::test::make_log(), client.metrics};
    for (int next = 0; next < kEvents;) {
        const auto answered = std::make_shared<std::promise<nats::PublishOutcomes>>();
        auto outcomes = answered->get_future();
        auto batch = publisher.start(
            [answered](nats::PublishOutcomes all) { answered->set_value(std::move(all)); });
        for (int i = 0; i < 100 && next < kEvents; ++i) {
            publisher.wait_for_room();
            batch.add(kFacebook.subject(), {}, large_event(next++));
        }
        batch.finish();
        for (const auto& outcome : outcomes.get()) ASSERT_TRUE(outcome.durable()) << outcome.error;
    }
}

// It was bounded in events alone: 512 messages fetched ahead, and two batches of 1,000 held twice.
TEST(Backlog, OfLargeEventsIsStoredWithinTheBytesThatACollectorMayHold) {
    Stack stack;
    fill_stream(stack.nats().url());
    stack.start("fb-collector");
    EXPECT_TRUE(stack.await_rows(kEvents));
    const auto peak = peak_memory(stack, "fb-collector");
    RecordProperty("peak_mb", static_cast<int>(peak / kMB));
    std::printf("peak memory of fb-collector: %zu MB\n", peak / kMB);
    // Sanitizers keep what is freed, and shadows of it; with them there is no bound to hold.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LE(peak, 128 * kMB);
#endif
}

}  // namespace
}  // namespace events::test
