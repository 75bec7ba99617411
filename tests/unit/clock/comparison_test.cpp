#include "common/clock/comparison.hpp"

#include "common/events/time.hpp"
#include "support/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

namespace events::clock {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kOffsetOfNats = "clock_offset_seconds{dependency=\"nats\"} ";

Timestamp at(std::string_view text) {
    return parse_timestamp(text).value();
}

class ComparisonTest : public ::testing::Test {
  protected:
    /// Their clock is ahead by `offset`; the answer came after `took`.
    void note(std::chrono::microseconds offset, std::chrono::microseconds took = 0us) {
        const auto before = at("2026-03-01T12:00:00Z");
        comparison_.note(
            {.before = before, .theirs = before + took / 2 + offset, .after = before + took});
    }
    [[nodiscard]] std::string warnings() const { return lines_->text(); }
    [[nodiscard]] bool moves_our_time() const {
        return std::chrono::abs(comparison_.their_time() - now()) > 15s;
    }

    metrics::Registry metrics_;
    std::shared_ptr<test::LogLines> lines_ = std::make_shared<test::LogLines>();
    Comparison comparison_{"nats", test::make_log(lines_, logging::Level::warn), metrics_};
};

TEST_F(ComparisonTest, HasNoMetricUntilSomethingIsKnown) {
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("clock_offset_seconds")));
    EXPECT_FALSE(moves_our_time());
}

TEST_F(ComparisonTest, KeepsOurTimeWhileBothAgree) {
    for (const auto offset : {0s, 29s, -29s}) {
        note(offset);
        EXPECT_THAT(metrics_.text(),
                    HasSubstr(kOffsetOfNats + std::to_string(offset.count()) + "\n"));
        EXPECT_FALSE(moves_our_time());
    }
    EXPECT_EQ(warnings(), "");
}

TEST_F(ComparisonTest, WarnsWithBothTimesOnce) {
    note(-1h);
    note(-1h);
    EXPECT_THAT(warnings(), AllOf(HasSubstr("\"ours\":\"2026-03-01T12:00:00.000000Z\""),
                                  HasSubstr("\"theirs\":\"2026-03-01T11:00:00.000000Z\""),
                                  HasSubstr("\"dependency\":\"nats\"")));
    EXPECT_EQ(std::ranges::count(warnings(), '\n'), 1);
    EXPECT_THAT(metrics_.text(), HasSubstr(std::string{kOffsetOfNats} + "-3600\n"));
}

TEST_F(ComparisonTest, WarnsAgainWhenTheDifferenceIsAnotherOne) {
    note(1h);
    note(2h);
    note(0s);
    note(1h);
    EXPECT_EQ(std::ranges::count(warnings(), '\n'), 3);
}

TEST_F(ComparisonTest, ShowsTheirTimeWhileTheyDiffer) {
    note(1h);
    EXPECT_LT(std::chrono::abs(comparison_.their_time() - now() - 1h), 15s);
    note(10s);
    EXPECT_FALSE(moves_our_time());
}

TEST_F(ComparisonTest, DoesNotTakeASlowAnswerForADifference) {
    note(39s, 20s);
    EXPECT_EQ(warnings(), "");
    note(41s, 20s);
    EXPECT_NE(warnings(), "");
}

TEST_F(ComparisonTest, LeavesOutAReadingDuringWhichOurClockWasSet) {
    note(1h, 1h);
    note(1h, -1h);
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("clock_offset_seconds")));
    EXPECT_EQ(warnings(), "");
}

TEST(ReceptionTime, IsTheGatewaysBeforeTheBrokersTime) {
    const auto stored = at("2026-03-01T12:00:00Z");
    const auto spooled = at("2026-02-27T12:00:00Z");
    EXPECT_EQ(reception_time(spooled, stored), spooled);
    EXPECT_EQ(reception_time(stored, stored), stored);
}

TEST(ReceptionTime, IsTheBrokersWhereTheGatewaysCanNotBe) {
    const auto stored = at("2026-03-01T12:00:00Z");
    for (const auto* wrong :
         {"1970-01-01T00:00:01Z", "2026-03-01T12:00:01Z", "2100-01-01T00:00:00Z",
          "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
        EXPECT_EQ(reception_time(at(wrong), stored), stored) << wrong;
    }
}

TEST(ReceptionTime, IsTheGatewaysWhereTheBrokersClockWasNeverSet) {
    const auto stamped = at("2026-03-01T12:00:00Z");
    EXPECT_EQ(reception_time(stamped, at("1970-01-01T00:00:01Z")), stamped);
}

}  // namespace
}  // namespace events::clock
