#include "schedule.hpp"

#include "options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace events::test {
namespace {

using ::testing::ElementsAre;

std::vector<FaultKind> all_kinds() {
    return {fault_kinds().begin(), fault_kinds().end()};
}

std::vector<Fault> turn(Schedule& schedule) {
    std::vector<Fault> faults;
    do {
        faults.push_back(schedule.next());
    } while (!schedule.at_turn());
    return faults;
}

TEST(Schedule, IsTheSameForTheSameSeedAndAnotherForAnother) {
    Schedule first{7, all_kinds(), false};
    Schedule again{7, all_kinds(), false};
    Schedule other{8, all_kinds(), false};
    const auto faults = turn(first);
    EXPECT_EQ(turn(again), faults);
    EXPECT_NE(turn(other), faults);
    EXPECT_NE(turn(first), faults);
}

TEST(Schedule, HitsEachTargetOfEachKindOnceInATurn) {
    Schedule schedule{3, all_kinds(), false};
    std::set<std::pair<std::string, std::string>> seen;
    std::size_t targets = 0;
    for (const auto& kind : fault_kinds()) targets += kind.targets.size();
    const auto faults = turn(schedule);
    for (const auto& fault : faults) seen.emplace(fault.kind, fault.target);
    EXPECT_EQ(faults.size(), targets);
    EXPECT_EQ(seen.size(), targets);
}

TEST(Schedule, HasEachKindOnceInABriefTurn) {
    Schedule schedule{3, all_kinds(), true};
    std::map<std::string, int> seen;
    for (const auto& fault : turn(schedule)) ++seen[fault.kind];
    EXPECT_EQ(seen.size(), fault_kinds().size());
    EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& kind) { return kind.second == 1; }));
}

TEST(FaultOptions, AreReadAndWrittenTheSameWay) {
    constexpr std::array<const char*, 6> kArguments{"--seed", "12",      "--seconds",
                                                    "30",     "--kinds", "kill,reset"};
    const auto options = parse_options(kArguments);
    ASSERT_TRUE(options);
    EXPECT_EQ(options->arguments(), "--seed 12 --seconds 30 --kinds kill,reset");
    const auto kinds = possible_kinds(*options, true, true);
    ASSERT_EQ(kinds.size(), 2U);
    EXPECT_EQ(kinds[0].name, "kill");
    EXPECT_EQ(kinds[1].name, "reset");
}

TEST(FaultOptions, RefuseAnUnknownKindAndANumberThatIsNone) {
    EXPECT_FALSE(parse_options(std::array{"--kinds", "flood"}));
    EXPECT_FALSE(parse_options(std::array{"--seed", "x"}));
    EXPECT_FALSE(parse_options(std::array{"--fast"}));
}

TEST(FaultOptions, LeaveOutWhatIsNotPossible) {
    RunOptions options;
    options.kinds = {"disk-full", "read-only-spool", "kill-node", "kill"};
    const auto names = [](const std::vector<FaultKind>& kinds) {
        std::vector<std::string_view> result;
        for (const auto& kind : kinds) result.push_back(kind.name);
        return result;
    };
    EXPECT_THAT(names(possible_kinds(options, false, false)), ElementsAre("kill"));
    EXPECT_THAT(names(possible_kinds(options, true, false)), ElementsAre("kill", "disk-full"));
    EXPECT_THAT(names(possible_kinds(options, true, true)),
                ElementsAre("kill", "disk-full", "read-only-spool"));
    options.cluster = true;
    const auto in_cluster = possible_kinds(options, false, false);
    EXPECT_THAT(names(in_cluster), ElementsAre("kill", "kill-node"));
    EXPECT_EQ(std::ranges::count(in_cluster[0].targets, "nats"), 0);
}

TEST(FaultOptions, LeaveToUpkeepWhatItDoes) {
    RunOptions options;
    options.kinds = {"drop-day", "erase", "kill"};
    EXPECT_EQ(possible_kinds(options, false, false).size(), 3U);
    options.upkeep = true;
    EXPECT_EQ(options.arguments(), "--seed 1 --kinds drop-day,erase,kill --upkeep");
    const auto kinds = possible_kinds(options, false, false);
    ASSERT_EQ(kinds.size(), 1U);
    EXPECT_EQ(kinds[0].name, "kill");
}

}  // namespace
}  // namespace events::test
