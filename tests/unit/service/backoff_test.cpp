#include "common/retry/backoff.hpp"

#include <gtest/gtest.h>

namespace events::retry {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsCapAndStaysWithinItsJitter) {
    Backoff backoff{100ms, 1'000ms};
    auto step = 100ms;
    for (int i = 0; i < 10; ++i) {
        const auto delay = backoff.next();
        EXPECT_GE(delay, step / 2);
        EXPECT_LE(delay, step);
        step = std::min(step * 2, 1'000ms);
    }
}

TEST(Backoff, StartsAnewAfterAReset) {
    Backoff backoff{100ms, 1'000ms};
    for (int i = 0; i < 5; ++i) (void)backoff.next();
    backoff.reset();
    EXPECT_LE(backoff.next(), 100ms);
}

}  // namespace
}  // namespace events::retry
