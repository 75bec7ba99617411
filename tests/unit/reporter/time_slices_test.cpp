#include "reporter/time_slices.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::array kAll{Grain::day, Grain::hour, Grain::minute, Grain::row};
constexpr Timestamp kDay{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

TEST(Cut, TakesTheWholeHistoryAsDays) {
    EXPECT_THAT(cut({}, kAll), ElementsAre(Slice{Grain::day, {}}));
}

TEST(Cut, GetsFinerTowardsRaggedEnds) {
    const Range range{kDay + 22h + 58min + 30s, kDay + 25h + 1min + 1us};
    EXPECT_THAT(cut(range, kAll),
                ElementsAre(Slice{Grain::row, {range.begin, kDay + 22h + 59min}},
                            Slice{Grain::minute, {kDay + 22h + 59min, kDay + 23h}},
                            Slice{Grain::hour, {kDay + 23h, kDay + 25h}},
                            Slice{Grain::minute, {kDay + 25h, kDay + 25h + 1min}},
                            Slice{Grain::row, {kDay + 25h + 1min, range.end}}));
    EXPECT_THAT(
        cut({kDay - 1h, kDay + 49h}, kAll),
        ElementsAre(Slice{Grain::hour, {kDay - 1h, kDay}}, Slice{Grain::day, {kDay, kDay + 48h}},
                    Slice{Grain::hour, {kDay + 48h, kDay + 49h}}));
}

TEST(Cut, LeavesAnEndOpen) {
    EXPECT_THAT(cut({kDay + 23h, {}}, kAll),
                ElementsAre(Slice{Grain::hour, {kDay + 23h, kDay + 24h}},
                            Slice{Grain::day, {kDay + 24h, {}}}));
    EXPECT_THAT(cut({{}, kDay + 1us}, kAll),
                ElementsAre(Slice{Grain::day, {{}, kDay}}, Slice{Grain::row, {kDay, kDay + 1us}}));
}

TEST(Cut, ReadsRowsWhereNoGrainFits) {
    EXPECT_THAT(cut({kDay + 1s, kDay + 59s}, kAll),
                ElementsAre(Slice{Grain::row, {kDay + 1s, kDay + 59s}}));
    EXPECT_THAT(cut({kDay, kDay}, kAll), IsEmpty());
    EXPECT_THAT(cut({kDay + 1s, kDay}, kAll), IsEmpty());
}

TEST(Cut, SkipsGrainsThatAreNotGiven) {
    constexpr std::array kDays{Grain::day, Grain::row};
    EXPECT_THAT(
        cut({kDay - 1h, kDay + 25h}, kDays),
        ElementsAre(Slice{Grain::row, {kDay - 1h, kDay}}, Slice{Grain::day, {kDay, kDay + 24h}},
                    Slice{Grain::row, {kDay + 24h, kDay + 25h}}));
}

TEST(Cut, FloorsBeforeTheEpochToo) {
    const Timestamp epoch{};
    EXPECT_THAT(cut({epoch - 90s, epoch + 90s}, kAll),
                ElementsAre(Slice{Grain::row, {epoch - 90s, epoch - 60s}},
                            Slice{Grain::minute, {epoch - 60s, epoch + 60s}},
                            Slice{Grain::row, {epoch + 60s, epoch + 90s}}));
}

TEST(WholeMinutes, AreNoneInAShortRange) {
    EXPECT_EQ(whole_minutes({kDay + 1s, kDay + 61s}), std::nullopt);
    EXPECT_EQ(whole_minutes({kDay + 1s, kDay + 121s}), (Range{kDay + 60s, kDay + 120s}));
    EXPECT_EQ(whole_minutes({}), Range{});
}

}  // namespace
}  // namespace events::reporter
