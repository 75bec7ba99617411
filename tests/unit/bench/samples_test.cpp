#include "bench/samples.hpp"

#include <gtest/gtest.h>

namespace events::bench {
namespace {

Samples samples(std::initializer_list<double> values) {
    Samples made;
    for (const auto value : values) made.add(value);
    return made;
}

TEST(Samples, MedianIsTheValueInTheMiddle) {
    EXPECT_EQ(samples({9, 1, 5}).median(), 5);
    EXPECT_EQ(samples({4, 3, 2, 1}).median(), 2);
}

TEST(Samples, QuantileIsAValueThatWasMeasured) {
    Samples hundred;
    for (int i = 100; i > 0; --i) hundred.add(i);
    EXPECT_EQ(hundred.quantile(0.99), 99);
    EXPECT_EQ(hundred.quantile(0.999), 100);
    EXPECT_EQ(hundred.least(), 1);
    EXPECT_EQ(hundred.greatest(), 100);
}

TEST(Samples, HaveNoFigureButZeroWhenEmpty) {
    EXPECT_EQ(Samples{}.median(), 0);
}

TEST(Samples, PartKeepsTheOrderOfTheRun) {
    const auto run = samples({30, 1, 2, 20, 3, 40});
    EXPECT_EQ(run.part(0, 1.0 / 3).greatest(), 30);
    EXPECT_EQ(run.part(2.0 / 3, 1).median(), 3);
    EXPECT_EQ(run.part(0, 1).size(), run.size());
}

}  // namespace
}  // namespace events::bench
