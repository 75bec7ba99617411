#include "bench/baseline.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace events::bench {
namespace {

TEST(Baseline, LetsPassWhatIsWithinTheTolerance) {
    const auto changes = compare({{"gateway", {11.4, 0.15}}}, {{"gateway", 10.0}});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_NEAR(changes[0].growth(), 0.14, 1e-9);
    EXPECT_FALSE(changes[0].is_regression());
}

TEST(Baseline, NamesWhatCostsMore) {
    const auto changes =
        compare({{"gateway", {11.6, 0.15}}, {"reporter", {9, 0.15}}},
                {{"gateway", 10.0}, {"reporter", 10.0}, {"not measured today", 1.0}});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].name, "gateway");
    EXPECT_TRUE(changes[0].is_regression());
    EXPECT_FALSE(changes[1].is_regression());
}

TEST(Baseline, HasToKnowEachCost) {
    EXPECT_THROW(static_cast<void>(compare({{"new", {1, 0.1}}}, {{"old", 1.0}})),
                 std::runtime_error);
    EXPECT_THROW(static_cast<void>(compare({{"new", {1, 0.1}}}, {{"new", 0}})), std::runtime_error);
}

TEST(Baseline, ComparesWithItselfAsUnchanged) {
    const Costs costs{{"gateway", {7.5, 0.15}}, {"instructions", {1'234, 0.03}}};
    for (const auto& change : compare(costs, to_baseline(costs))) EXPECT_EQ(change.growth(), 0);
}

}  // namespace
}  // namespace events::bench
