#include "common/collector/refused_days.hpp"

#include <gtest/gtest.h>

namespace events::collector {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr RefusedDays::Day kDay{2026y / 3 / 1};
constexpr RefusedDays::Clock::time_point kStart{1h};

TEST(RefusedDays, CloseForLongerEachTimeUpToABound) {
    RefusedDays days;
    EXPECT_FALSE(days.is_closed(kDay, kStart));
    days.park(7, 1, days.refuse(kDay, "why", kStart));
    EXPECT_EQ(days.opens_at(kDay), kStart + 1s);
    EXPECT_FALSE(days.is_closed(kDay, kStart)) << "others of the batch are tried";
    days.settle();
    EXPECT_TRUE(days.is_closed(kDay, kStart + 999ms));
    EXPECT_FALSE(days.is_closed(kDay, kStart + 1s));
    EXPECT_FALSE(days.is_closed(kDay + std::chrono::days{1}, kStart));
    EXPECT_EQ(days.refuse(kDay, "why", kStart), kStart + 1s) << "of the same attempt";
    EXPECT_EQ(days.refuse(kDay, "why", kStart + 1s), kStart + 3s);
    for (int i = 0; i < 10; ++i) days.refuse(kDay, "why", days.opens_at(kDay));
    const auto now = days.opens_at(kDay);
    EXPECT_EQ(days.refuse(kDay, "why", now), now + 15s);
}

// One event that is refused again and again would keep its whole day.
TEST(RefusedDays, OfWhichSomeEventsAreStoredAreNotClosed) {
    RefusedDays days;
    days.park(7, 1, days.refuse(kDay, "why", kStart));
    days.stored(kDay);
    EXPECT_FALSE(days.settle());
    EXPECT_FALSE(days.is_closed(kDay, kStart));
    days.refuse(kDay, "why", kStart + 1s);
    days.settle();
    EXPECT_FALSE(days.is_closed(kDay, kStart + 1s));
    days.unpark(7);
    EXPECT_TRUE(days.settle());
    EXPECT_TRUE(days.empty());
    EXPECT_FALSE(days.settle()) << "nothing was refused";
}

TEST(RefusedDays, CountEachMessageOnceHoweverOftenItComes) {
    RefusedDays days;
    days.park(7, 3, kStart);
    days.park(8, 2, kStart);
    days.park(7, 1, kStart + 5s);
    EXPECT_EQ(days.messages(), 2U);
    EXPECT_EQ(days.events(), 3U);
    days.unpark(7);
    days.unpark(7);
    EXPECT_EQ(days.events(), 2U);
}

// What another collector has stored meanwhile never comes here again: this one would be unready for
// ever.
TEST(RefusedDays, ForgetWhatDoesNotComeAgain) {
    RefusedDays days;
    days.park(7, 3, days.refuse(kDay, "why", kStart));
    days.forget_lost(kStart + 31s);
    EXPECT_FALSE(days.empty());
    EXPECT_EQ(days.events(), 3U);
    days.forget_lost(kStart + 32s);
    EXPECT_TRUE(days.empty());
    EXPECT_EQ(days.messages(), 0U);
    EXPECT_EQ(days.events(), 0U);
}

TEST(RefusedDays, AreDescribedForReadiness) {
    RefusedDays days;
    EXPECT_EQ(days.describe(), "");
    days.park(7, 3, days.refuse(kDay, "the database refuses: no (SQLSTATE 23502)", kStart));
    EXPECT_EQ(days.describe(),
              "the events of 2026-03-01 wait, 3 of them here: the database refuses: no (SQLSTATE "
              "23502)");
    for (int i = 1; i < 5; ++i) days.refuse(kDay + std::chrono::days{i}, "another", kStart);
    EXPECT_EQ(days.describe(),
              "the events of 2026-03-01, 2026-03-02, 2026-03-03 and 2 more wait, 3 of them here: "
              "another");
}

}  // namespace
}  // namespace events::collector
