#include "scaling/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace events::bench::scaling {
namespace {

using ::testing::DoubleNear;

constexpr double kSecond = 1e6;  // microseconds

class MachineTest : public ::testing::Test {
  protected:
    /// Notes when a computation of so many seconds ends.
    void compute(Machine& machine, double seconds, double& ended) {
        machine.compute(Process::gateway, seconds * kSecond,
                        [&machine, &ended] { ended = machine.now(); });
    }
};

TEST_F(MachineTest, OneComputationHasOneCoreHoweverManyThereAre) {
    Machine machine{8};
    double ended = 0;
    compute(machine, 2, ended);
    machine.run_until(10);

    EXPECT_THAT(ended, DoubleNear(2, 1e-9));
    EXPECT_THAT(machine.cpu_seconds(Process::gateway), DoubleNear(2, 1e-9));
    EXPECT_DOUBLE_EQ(machine.now(), 10);
}

TEST_F(MachineTest, ComputationsShareTheCoresEvenly) {
    Machine machine{2};
    double first = 0;
    double second = 0;
    double third = 0;
    compute(machine, 1, first);
    compute(machine, 1, second);
    compute(machine, 2, third);  // two thirds of a core until the others end at 1.5 s
    machine.run_until(10);

    EXPECT_THAT(first, DoubleNear(1.5, 1e-9));
    EXPECT_THAT(second, DoubleNear(1.5, 1e-9));
    EXPECT_THAT(third, DoubleNear(2.5, 1e-9));
}

TEST_F(MachineTest, AFractionOfACoreTakesLonger) {
    Machine machine{0.5};
    double ended = 0;
    compute(machine, 1, ended);
    machine.run_until(10);

    EXPECT_THAT(ended, DoubleNear(2, 1e-9));
}

TEST_F(MachineTest, NeverSpendsMoreThanItHas) {
    Machine machine{1.5};
    double ended = 0;
    for (int i = 0; i < 7; ++i) compute(machine, 100, ended);
    machine.run_until(10);

    EXPECT_EQ(ended, 0);
    EXPECT_THAT(machine.cpu_seconds(Process::gateway), DoubleNear(15, 1e-6));
}

TEST_F(MachineTest, TimersFireInTheirOrder) {
    Machine machine{1};
    std::string order;
    machine.at(2, [&] { order += 'c'; });
    machine.at(1, [&] { order += 'a'; });
    machine.at(1, [&] { order += 'b'; });
    machine.at(3, [&] { machine.at(0, [&] { order += 'd'; }); });  // over: at once
    machine.run_until(3);

    EXPECT_EQ(order, "abcd");
}

TEST_F(MachineTest, RefusesToHaveNoCores) {
    EXPECT_THROW(Machine{0}, std::invalid_argument);
}

}  // namespace
}  // namespace events::bench::scaling
