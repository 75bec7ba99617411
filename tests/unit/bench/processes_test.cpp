#include "bench/processes.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

TEST(ParseChildTicks, AddsUserAndSystemTimeOfEndedChildren) {
    EXPECT_EQ(
        parse_child_ticks("71 (postgres) S 1 71 71 0 -1 4194560 9 8 0 0 5 6 70 800 20 0 1 0 9"),
        870U);
}

TEST(ParseChildTicks, IsNotMisledByTheProcessName) {
    EXPECT_EQ(parse_child_ticks("71 (a) R 1) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"), 29U - 2U);
}

TEST(ParseChildTicks, RefusesWhatIsCutOff) {
    EXPECT_FALSE(parse_child_ticks(""));
    EXPECT_FALSE(parse_child_ticks("71 (postgres) S 1 71"));
}

TEST(ParseSizeField, ReadsKilobytesAsBytes) {
    constexpr auto kText = "PssDirty:  1 kB\nPss:        12 kB\nVmRSS:\t    3 kB\n";
    EXPECT_EQ(parse_size_field(kText, "Pss"), 12U * 1024);
    EXPECT_EQ(parse_size_field(kText, "VmRSS"), 3U * 1024);
    EXPECT_FALSE(parse_size_field(kText, "Rss"));
}

TEST(CpuTime, OfAProcessHasTheTimeOfItsThreads) {
    const auto process = cpu_time(::getpid());
    const auto thread = cpu_time_of_this_thread();
    while (cpu_time_of_this_thread() - thread < 5ms) {
    }
    EXPECT_GE(cpu_time(::getpid()) - process, 5ms);
    EXPECT_GE(cpu_time_of_this_process() - process, 5ms);
}

TEST(CpuTime, ThrowsWhereThereIsNoSuchProcess) {
    EXPECT_THROW(static_cast<void>(cpu_time(999'999'999)), std::system_error);
}

TEST(Spent, LeavesOutWhatIsInOneReadingOnly) {
    const auto difference = spent({{"a", 1ms}, {"ended", 2ms}}, {{"a", 4ms}, {"began", 5ms}});
    EXPECT_EQ(difference, (CpuTimes{{"a", 3ms}}));
}

}  // namespace
}  // namespace events::bench
