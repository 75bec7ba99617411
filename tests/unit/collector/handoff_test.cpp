#include "common/collector/handoff.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stop_token>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

/// Longer than anything here takes.
constexpr auto kLong = 60s;

Batch numbered(std::size_t number) {
    Batch batch;
    batch.figures.events = number;
    return batch;
}

class HandoffTest : public ::testing::Test {
  protected:
    std::future<bool> give(std::size_t number) {
        return std::async(std::launch::async, [this, number] {
            auto batch = numbered(number);
            return handoff_.give(batch, stop_.get_token());
        });
    }
    std::optional<Batch> take(std::chrono::milliseconds patience = kLong) {
        return handoff_.take(patience, stop_.get_token());
    }

    Handoff handoff_;
    std::stop_source stop_;
};

TEST_F(HandoffTest, HoldsTheReaderAtTheBeginning) {
    EXPECT_TRUE(handoff_.held());
    auto batch = numbered(1);
    EXPECT_FALSE(handoff_.give(batch, stop_.get_token()));
    EXPECT_EQ(batch.figures.events, 1U);
}

TEST_F(HandoffTest, PassesEachBatchOnInOrder) {
    handoff_.resume();
    for (std::size_t number = 1; number <= 3; ++number) {
        auto given = give(number);
        const auto taken = take();
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->figures.events, number);
        EXPECT_TRUE(given.get());
    }
}

TEST_F(HandoffTest, HasNothingWithoutAReader) {
    handoff_.resume();
    EXPECT_FALSE(take(1ms));
}

TEST_F(HandoffTest, SendsAWaitingReaderAwayWhenTheWriterHolds) {
    handoff_.resume();
    auto given = give(1);
    handoff_.hold();
    EXPECT_FALSE(given.get());
    handoff_.resume();
    handoff_.wait_while_held(stop_.get_token());
    EXPECT_FALSE(handoff_.held());
}

TEST_F(HandoffTest, EndsEveryWaitAtStop) {
    handoff_.resume();
    auto given = give(1);
    stop_.request_stop();
    EXPECT_FALSE(given.get());
    EXPECT_FALSE(take());
    handoff_.hold();
    handoff_.wait_while_held(stop_.get_token());
}

TEST_F(HandoffTest, NeverKeepsABatchThatWasGiven) {
    handoff_.resume();
    for (int round = 0; round < 200; ++round) {
        std::stop_source stop;
        auto given = std::async(std::launch::async, [&] {
            auto batch = numbered(1);
            return handoff_.give(batch, stop.get_token());
        });
        auto stopped = std::async(std::launch::async, [&] { stop.request_stop(); });
        const bool taken = handoff_.take(kLong, stop.get_token()).has_value();
        EXPECT_EQ(given.get(), taken);
        stopped.get();
    }
}

}  // namespace
}  // namespace events::collector
