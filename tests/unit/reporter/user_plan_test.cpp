#include "reporter/user_plan.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace events::reporter {
namespace {

constexpr UserFacts kTenMillion{.events_in_range = 1e7,
                                .events_in_rows = 1'000,
                                .profiles = 1e7,
                                .several = 0,
                                .whole_history = true,
                                .countable_audience = true};

TEST(ChoosePlan, ReadsRowsWhereThereAreFew) {
    auto facts = kTenMillion;
    facts.whole_history = false;
    facts.events_in_range = 10'000;
    EXPECT_EQ(choose_plan(facts), UserPlan::rows);
    EXPECT_EQ(choose_plan({}), UserPlan::rows);
}

TEST(ChoosePlan, ReadsWhatIsCountedWhereItCan) {
    EXPECT_EQ(choose_plan(kTenMillion), UserPlan::audience);
}

TEST(ChoosePlan, ReadsProfilesForAPartOfTheHistoryAndForFineConditions) {
    auto part = kTenMillion;
    part.whole_history = false;
    EXPECT_EQ(choose_plan(part), UserPlan::profiles);
    auto fine = kTenMillion;
    fine.countable_audience = false;
    EXPECT_EQ(choose_plan(fine), UserPlan::profiles);
}

TEST(ChoosePlan, ReadsRowsWhileTheProfilesAreFarBehind) {
    auto facts = kTenMillion;
    facts.events_in_rows = 1e7;
    EXPECT_EQ(choose_plan(facts), UserPlan::rows);
}

Range minute_at(int minute) {
    const Timestamp begin{std::chrono::minutes{minute}};
    return {begin, begin + std::chrono::minutes{1}};
}

TEST(Coarsened, FillsTheSmallestGaps) {
    const std::vector<Range> ranges{minute_at(0), minute_at(1), minute_at(5), minute_at(7),
                                    minute_at(20)};
    EXPECT_EQ(coarsened(ranges, 4).size(), 4U) << "what touches is one";
    EXPECT_EQ(coarsened(ranges, 3), (std::vector<Range>{{minute_at(0).begin, minute_at(1).end},
                                                        {minute_at(5).begin, minute_at(7).end},
                                                        minute_at(20)}));
    EXPECT_EQ(coarsened(ranges, 1), (std::vector<Range>{{minute_at(0).begin, minute_at(20).end}}));
    EXPECT_TRUE(coarsened({}, 1).empty());
}

TEST(AudienceHas, AllButTheCityAndTheExactFollowers) {
    Query query{.category = Category::demographics};
    query.conditions = {{Column::age, Comparison::at_least, std::int64_t{5}},
                        {Column::country, Comparison::equal, "Kenya"}};
    query.group_by = {Key::age_group, Key::followers_group};
    EXPECT_TRUE(audience_has(query));
    query.group_by = {Key::city};
    EXPECT_FALSE(audience_has(query));
    query.group_by = {};
    query.conditions = {{Column::followers, Comparison::equal, std::int64_t{5}}};
    EXPECT_FALSE(audience_has(query));
}

}  // namespace
}  // namespace events::reporter
