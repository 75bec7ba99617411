#include "scaling/simulation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace events::bench::scaling {
namespace {

using ::testing::DoubleNear;

Setup setup() {
    Setup setup;
    setup.cpu = {.sender = 1,
                 .gateway = 4,
                 .publish = 2,
                 .deliver = 3,
                 .collector = 5,
                 .insert = 15,
                 .fold = 2,
                 .background = 1,
                 .profile_new = 40,
                 .profile_known = 60};
    setup.commit_ms = 1;
    return setup;
}

double all_cpu(const Outcome& outcome) {
    return std::reduce(outcome.cpu_seconds.begin(), outcome.cpu_seconds.end());
}

TEST(Bursts, AreTheSameForTheSameSeed) {
    const auto first = bursts(7, 1'000, 50'000, 100);
    const auto again = bursts(7, 1'000, 50'000, 100);
    ASSERT_EQ(first.size(), 100U);
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].events, again[i].events);
        EXPECT_GE(first[i].events, 1'000);
        EXPECT_LE(first[i].events, 50'000);
    }
    EXPECT_NE(events_of(first), events_of(bursts(8, 1'000, 50'000, 100)));
}

TEST(Steady, SendsTheRateThatIsAskedFor) {
    EXPECT_EQ(events_of(steady(20'000, 1'000, 10)), 200'000U);
    EXPECT_EQ(steady(500, 1, 1).size(), 500U);
}

TEST(Simulation, LosesNothingAtAnyMoment) {
    const auto posts = bursts(3, 1'000, 50'000, 20);
    for (const double seconds : {0.0, 0.01, 0.3, 5.5, 19.99, 200.0}) {
        const auto outcome = simulate(setup(), posts, seconds, 12'345);
        EXPECT_EQ(outcome.sent, outcome.stored + outcome.on_the_way + outcome.backlog.events)
            << seconds;
        EXPECT_EQ(outcome.stored >= 12'345, seconds > 1) << seconds;
    }
}

TEST(Simulation, StoresEverythingWhenThereIsTime) {
    const auto posts = bursts(3, 1'000, 50'000, 20);
    const auto outcome = simulate(setup(), posts, 200);

    EXPECT_EQ(outcome.stored, events_of(posts));
    EXPECT_EQ(outcome.backlog.messages, 0U);
    EXPECT_EQ(outcome.unprofiled, 0U);
    EXPECT_DOUBLE_EQ(delay_quantile(outcome, 1), [&] {
        double longest = 0;
        for (const auto& delay : outcome.delays) longest = std::max(longest, delay.seconds);
        return longest;
    }());
}

TEST(Simulation, EachEventCostsWhatItIsSaidToCost) {
    auto without = setup();
    without.profiles = false;
    const auto posts = steady(10'000, 1'000, 10);

    EXPECT_THAT(all_cpu(simulate(without, posts, 60)), DoubleNear(0.1 * 33, 1e-6));
    EXPECT_THAT(all_cpu(simulate(setup(), posts, 200)), DoubleNear(0.1 * (33 + 40), 1e-6));
}

TEST(Simulation, DrainsAsFastAsTheConnectionsInsert) {
    auto fast = setup();
    fast.cores = 16;
    const auto outcome = simulate(fast, {}, 30, 200'000);

    // 1,000 events: 15 ms of a backend, and 1 ms for the disk, on each of two connections.
    EXPECT_EQ(outcome.stored, 200'000U);
    EXPECT_THAT(outcome.last_stored, DoubleNear(1.6, 0.05));
}

TEST(Simulation, DrainsAsFastAsItsCoresAllow) {
    auto slow = setup();
    slow.cores = 0.5;
    slow.profiles = false;
    const auto outcome = simulate(slow, {}, 60, 100'000);

    // Delivered, decoded, inserted and folded, but for what the last round folds later.
    EXPECT_EQ(outcome.stored, 100'000U);
    EXPECT_THAT(outcome.last_stored, DoubleNear(0.1 * 26 / 0.5, 0.4));
}

TEST(Simulation, ALoneEventWaitsForCompanyAndForTheDisk) {
    const auto outcome = simulate(setup(), {{0, 1}}, 1);

    ASSERT_EQ(outcome.stored, 1U);
    EXPECT_THAT(delay_quantile(outcome, 0.5), DoubleNear(0.021, 0.001));
}

TEST(Simulation, AFullBatchDoesNotWait) {
    const auto outcome = simulate(setup(), {{0, 2'000}}, 1);

    // 8 ms of the gateway by two threads, the rest of the last batch one after another.
    EXPECT_LT(delay_quantile(outcome, 1), 0.045);
    auto patient = setup();
    patient.batch_wait = 10;
    EXPECT_THAT(delay_quantile(simulate(patient, {{0, 2'000}}, 1), 1),
                DoubleNear(delay_quantile(outcome, 1), 1e-9));
}

TEST(Simulation, ProfilesWaitUntilTheMinuteIsSettled) {
    const std::vector<Post> posts{{0, 10'000}};
    EXPECT_EQ(simulate(setup(), posts, 30).unprofiled, 10'000U);
    EXPECT_EQ(simulate(setup(), posts, 40).unprofiled, 0U);
}

TEST(Simulation, ProfilesAreNotMadeWhileThereIsABacklog) {
    auto busy = setup();
    busy.cores = 1;
    busy.settled = 70;
    std::vector<Post> posts{{0, 10'000}};
    EXPECT_EQ(simulate(busy, posts, 120).unprofiled, 0U);

    // From the second minute on twice what one core stores.
    for (int second = 61; second < 120; ++second) posts.push_back({1.0 * second, 60'000});
    const auto outcome = simulate(busy, posts, 120);
    EXPECT_GT(outcome.backlog.events, 1'000'000U);
    EXPECT_EQ(outcome.unprofiled, outcome.stored);
}

TEST(Simulation, MoreCoresNeverStoreLess) {
    const auto posts = bursts(1, 1'000, 50'000, 10);
    std::uint64_t before = 0;
    for (const double cores : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0}) {
        auto machine = setup();
        machine.cores = cores;
        const auto stored = simulate(machine, posts, 10).stored;
        EXPECT_GE(stored, before) << cores;
        before = stored;
    }
}

TEST(HighestRate, IsWhatTheCoresAllow) {
    auto one = setup();
    one.cores = 1;
    // 33 us an event; half a second's events may be left after twenty seconds.
    EXPECT_THAT(highest_rate(one, 1'000, 20), DoubleNear(1e6 / 33, 1'200));
}

TEST(HighestRate, IsWhatTwoConnectionsInsertWhereThereAreCoresEnough) {
    auto many = setup();
    many.cores = 64;
    many.worker_threads = 32;
    EXPECT_THAT(highest_rate(many, 1'000, 20), DoubleNear(2'000 / 0.016, 5'000));
}

TEST(DelayQuantile, WeighsByEvents) {
    Outcome outcome;
    EXPECT_DOUBLE_EQ(delay_quantile(outcome, 0.5), 0);
    outcome.delays = {{3, 10}, {1, 80}, {2, 10}};
    EXPECT_DOUBLE_EQ(delay_quantile(outcome, 0.5), 1);
    EXPECT_DOUBLE_EQ(delay_quantile(outcome, 0.85), 2);
    EXPECT_DOUBLE_EQ(delay_quantile(outcome, 1), 3);
}

}  // namespace
}  // namespace events::bench::scaling
