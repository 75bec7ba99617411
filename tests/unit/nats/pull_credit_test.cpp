#include "common/nats/pull_credit.hpp"

#include <gtest/gtest.h>

#include <random>

namespace events::nats {
namespace {

using std::chrono::seconds;

const PullCredit::Clock::time_point kStart{std::chrono::hours{1}};
const auto kExpiry = kStart + seconds{5};

PullCredit make_credit() {
    return PullCredit{seconds{2}};
}

TEST(PullCredit, AsksForTheWholeWindowFirst) {
    EXPECT_EQ(make_credit().wanted(100), 100U);
    EXPECT_EQ(make_credit().wanted(1), 1U);
    EXPECT_EQ(make_credit().wanted(0), 0U);
}

TEST(PullCredit, AsksAgainOnceLessThanHalfIsOnItsWay) {
    auto credit = make_credit();
    credit.requested(10, kExpiry);
    for (int i = 0; i < 5; ++i) credit.delivered();
    EXPECT_EQ(credit.wanted(10), 0U);
    credit.delivered();
    EXPECT_EQ(credit.wanted(10), 6U);
}

TEST(PullCredit, FollowsAChangedWindow) {
    auto credit = make_credit();
    credit.requested(10, kExpiry);
    EXPECT_EQ(credit.wanted(4), 0U);
    EXPECT_EQ(credit.wanted(20), 0U);
    EXPECT_EQ(credit.wanted(21), 11U);
}

TEST(PullCredit, TakesBackWhatAnEndedRequestDidNotSend) {
    auto credit = make_credit();
    const auto first = credit.next_request();
    credit.requested(10, kExpiry);
    credit.requested(5, kExpiry);
    credit.delivered();
    EXPECT_TRUE(credit.ended(first, 9));
    EXPECT_EQ(credit.outstanding(), 5U);
}

TEST(PullCredit, NeverClaimsMoreThanTheLiveRequestsAskedFor) {
    auto credit = make_credit();
    const auto first = credit.next_request();
    credit.requested(10, kExpiry);
    const auto second = credit.next_request();
    credit.requested(5, kExpiry);
    EXPECT_TRUE(credit.ended(first, std::nullopt));  // the server does not say how much
    EXPECT_EQ(credit.outstanding(), 5U);
    EXPECT_TRUE(credit.ended(second, std::nullopt));
    EXPECT_EQ(credit.outstanding(), 0U);
}

TEST(PullCredit, IgnoresTheEndOfARequestThatDoesNotCountAnyMore) {
    auto credit = make_credit();
    const auto old = credit.next_request();
    credit.requested(10, kExpiry);
    credit.clear();
    const auto current = credit.next_request();
    credit.requested(7, kExpiry);
    EXPECT_NE(old, current);
    EXPECT_FALSE(credit.ended(old, 10));
    EXPECT_FALSE(credit.ended(current + 1, 7));
    EXPECT_EQ(credit.outstanding(), 7U);
    EXPECT_TRUE(credit.ended(current, 7));
    EXPECT_FALSE(credit.ended(current, 7));
}

TEST(PullCredit, IsSilentWhenNoRequestEndsInTime) {
    auto credit = make_credit();
    EXPECT_FALSE(credit.silent(kStart));
    credit.requested(10, kExpiry);
    EXPECT_FALSE(credit.silent(kExpiry + seconds{2}));
    EXPECT_TRUE(credit.silent(kExpiry + seconds{3}));
}

TEST(PullCredit, IsNotSilentWhenEveryRequestIsFilled) {
    auto credit = make_credit();
    credit.requested(1, kExpiry);
    credit.delivered();
    EXPECT_FALSE(credit.silent(kExpiry + seconds{60}));
}

TEST(PullCredit, ForgetsFilledRequestsWhileLaterOnesRun) {
    auto credit = make_credit();
    credit.requested(10, kExpiry);
    for (int i = 0; i < 9; ++i) credit.delivered();
    credit.requested(9, kExpiry + seconds{4});
    EXPECT_FALSE(credit.silent(kExpiry + seconds{3}));
    EXPECT_EQ(credit.outstanding(), 9U);  // the first one's last message never came
}

// Whatever the order of messages and ends, the count returns to zero with the last request.
TEST(PullCredit, EndsAtZeroWithItsLastRequest) {
    std::minstd_rand random{7};
    for (int round = 0; round < 200; ++round) {
        auto credit = make_credit();
        std::vector<std::uint64_t> live;
        for (int step = 0; step < 50; ++step) {
            const auto choice = random() % 4;
            if (choice == 0) {
                live.push_back(credit.next_request());
                credit.requested(1 + random() % 20, kExpiry);
            } else if (choice == 1 && !live.empty()) {
                const auto index = random() % live.size();
                static_cast<void>(credit.ended(
                    live[index],
                    random() % 2 == 0 ? std::optional<std::size_t>{random() % 5} : std::nullopt));
                live.erase(live.begin() + static_cast<std::ptrdiff_t>(index));
            } else {
                credit.delivered();
            }
            static_cast<void>(credit.silent(kStart + seconds{random() % 4}));
        }
        for (const auto request : live) static_cast<void>(credit.ended(request, std::nullopt));
        EXPECT_EQ(credit.outstanding(), 0U);
        EXPECT_EQ(credit.wanted(3), 3U);
    }
}

}  // namespace
}  // namespace events::nats
