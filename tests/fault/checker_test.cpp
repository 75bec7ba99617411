#include "checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Three acknowledged events and one that nobody answered for, all where they belong.
class CheckerTest : public ::testing::Test {
  protected:
    [[nodiscard]] Verdict verdict() const { return check(sent, found); }

    SentEvents sent{{"a", {.fate = Fate::stored, .acknowledged = true}},
                    {"bad", {.fate = Fate::rejected, .acknowledged = true}},
                    {"poison", {.fate = Fate::refused, .acknowledged = true}},
                    {"unsure", {.fate = Fate::stored, .acknowledged = false}}};
    Found found{.rows = {{"a", 1}},
                .dead_letters = {{"bad", "missing_field"}, {"poison", "refused_by_database"}},
                .reported = {{"events", "1"}},
                .recounted = {{"events", "1"}}};
};

TEST_F(CheckerTest, IsContentWhenEverythingIsWhereItBelongs) {
    const auto result = verdict();
    EXPECT_TRUE(result.good());
    EXPECT_EQ(result.sent, 4U);
    EXPECT_EQ(result.acknowledged, 3U);
    EXPECT_EQ(result.stored, 1U);
    EXPECT_EQ(result.dead_lettered, 2U);
}

TEST_F(CheckerTest, LetsAnEventThatNobodyAnsweredForArrive) {
    found.rows["unsure"] = 1;
    EXPECT_TRUE(verdict().good());
}

TEST_F(CheckerTest, NoticesALostEvent) {
    found.rows.erase("a");
    EXPECT_THAT(verdict().lost, ElementsAre("a"));
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesALostDeadLetter) {
    found.dead_letters.erase("bad");
    EXPECT_THAT(verdict().lost, ElementsAre("bad"));
}

TEST_F(CheckerTest, NoticesADoubledEventAcknowledgedOrNot) {
    found.rows["a"] = 2;
    found.rows["unsure"] = 3;
    EXPECT_THAT(verdict().doubled, ElementsAre("a", "unsure"));
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesAnEventThatIsStoredAndDeadLettered) {
    found.dead_letters["a"] = "refused_by_database";
    EXPECT_THAT(verdict().doubled, ElementsAre("a"));
}

TEST_F(CheckerTest, WantsNothingOfWhatWasErasedAndNoticesWhatIsThere) {
    for (const auto* id : {"gone", "row", "letter"}) {
        sent[id] = {.fate = Fate::erased, .acknowledged = true};
    }
    EXPECT_TRUE(verdict().good());
    found.rows["row"] = 1;
    found.dead_letters["letter"] = "missing_field";
    EXPECT_THAT(verdict().unerased, ElementsAre("letter", "row"));
    EXPECT_EQ(verdict().erased, 3U);
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesAnInventedEvent) {
    found.rows["z"] = 1;
    found.dead_letters["y"] = "missing_field";
    EXPECT_THAT(verdict().invented, ElementsAre("y", "z"));
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesAGoodEventAmongTheDeadLettersAndABadOneAmongTheRows) {
    found.rows = {{"bad", 1}};
    found.dead_letters = {{"a", "refused_by_database"}, {"poison", "refused_by_database"}};
    EXPECT_THAT(verdict().misplaced, ElementsAre("a", "bad"));
    EXPECT_THAT(verdict().lost, IsEmpty());
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesADeadLetterWithoutAReason) {
    found.dead_letters["bad"] = "";
    EXPECT_THAT(verdict().unreasoned, ElementsAre("bad"));
    EXPECT_FALSE(verdict().good());
}

TEST_F(CheckerTest, NoticesAWrongSumAndAMissingOne) {
    found.reported = {{"events", "2"}, {"more", "1"}};
    found.recounted["revenue"] = "1.00";
    EXPECT_THAT(verdict().wrong_sums, ElementsAre("events", "more", "revenue"));
    EXPECT_FALSE(verdict().good());
}

}  // namespace
}  // namespace events::test
