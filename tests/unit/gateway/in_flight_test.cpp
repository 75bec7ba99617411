#include "gateway/in_flight.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace events::gateway {
namespace {

using ::testing::HasSubstr;

TEST(InFlight, RefusesWhatWouldBeTooMuchAndTakesItAgainLater) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 100, .max_events = 10}, metrics};
    auto first = in_flight.enter(60);
    ASSERT_TRUE(first);
    EXPECT_FALSE(in_flight.enter(41));
    EXPECT_TRUE(in_flight.enter(40));
    first.reset();
    EXPECT_TRUE(in_flight.enter(100));
}

TEST(InFlight, CountsABodyThatGrew) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 100, .max_events = 10}, metrics};
    auto permit = in_flight.enter(10);
    EXPECT_TRUE(permit->grow_to(90));
    EXPECT_TRUE(permit->grow_to(20));  // never shrinks
    EXPECT_FALSE(in_flight.enter(11));
    permit.reset();
    EXPECT_TRUE(in_flight.enter(100));
}

TEST(InFlight, RefusesABodyThatGrowsBeyondWhatIsLeft) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 100, .max_events = 10}, metrics};
    const auto first = in_flight.enter(60);
    const auto second = in_flight.enter(10);
    EXPECT_TRUE(second->received(40));
    EXPECT_FALSE(second->received(41));
    EXPECT_EQ(second->refusal({}).status, 503U);
    EXPECT_FALSE(in_flight.enter(1));  // what it has counts until it ends
}

TEST(InFlight, CountsWhatHasComeAndNotWhatIsPromised) {
    constexpr std::uint64_t kMiB = 1 << 20;
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 128 * kMiB, .max_events = 10}, metrics};
    std::vector<std::shared_ptr<InFlight::Permit>> slow;
    for (int i = 0; i < 1'000; ++i) slow.push_back(in_flight.enter(50 * kMiB));
    EXPECT_EQ(std::ranges::count(slow, nullptr), 0);
    EXPECT_TRUE(in_flight.enter(50 * kMiB));
    EXPECT_TRUE(slow.front()->received(100 * kMiB));
    EXPECT_FALSE(in_flight.enter(50 * kMiB));  // there is no room left for all of it
}

TEST(InFlight, RefusesMoreWhileTooManyEventsWait) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 100, .max_events = 10}, metrics};
    auto permit = in_flight.enter(1);
    permit->hold_events(9);
    auto next = in_flight.enter(1);
    ASSERT_TRUE(next);
    next->hold_events(1'000);
    EXPECT_FALSE(in_flight.enter(1));
    next.reset();
    EXPECT_TRUE(in_flight.enter(1));
}

TEST(InFlight, ShowsItsGauges) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 100, .max_events = 10}, metrics};
    auto permit = in_flight.enter(30);
    permit->hold_events(7);
    EXPECT_THAT(metrics.text(), HasSubstr("inflight_bytes 30"));
    EXPECT_THAT(metrics.text(), HasSubstr("inflight_events 7"));
    permit.reset();
    EXPECT_THAT(metrics.text(), HasSubstr("inflight_bytes 0"));
    EXPECT_THAT(metrics.text(), HasSubstr("inflight_events 0"));
}

TEST(InFlight, NeverAdmitsMoreThanItsBoundToSeveralThreads) {
    metrics::Registry metrics;
    InFlight in_flight{{.max_bytes = 10, .max_events = 10}, metrics};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < 2'000; ++n) {
                    const auto permit = in_flight.enter(4);
                    if (!permit) continue;
                    const int now = ++inside;
                    int seen = most.load();
                    while (seen < now && !most.compare_exchange_weak(seen, now)) {
                    }
                    --inside;
                }
            });
        }
    }
    EXPECT_LE(most.load(), 2);
    EXPECT_GE(most.load(), 1);
}

}  // namespace
}  // namespace events::gateway
