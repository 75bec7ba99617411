#include "scaling/capacity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace events::bench::scaling {
namespace {

using ::testing::DoubleNear;

/// Round figures, so that the sums below can be done in the head.
Costs round_costs() {
    Costs costs;
    costs.cpu = {.gateway = 4,
                 .publish = 2,
                 .deliver = 3,
                 .collector = 5,
                 .insert = 15,
                 .fold = 3,
                 .background = 2,
                 .profile_new = 40,
                 .profile_known = 60};
    costs.bytes = {.http = 500,
                   .message = 450,
                   .row = 300,
                   .row_indexes = 100,
                   .profile = 200,
                   .wal_insert = 500,
                   .wal_profile = 300};
    costs.ceilings = {.leader_messages = 5'000, .leader_bytes = 1e9, .commit_ms = 5};
    return costs;
}

Choices choices() {
    return {.utilisation = 0.5,
            .gateway_cores = 2,
            .broker_cores = 8,
            .database_cores = 32,
            .database_storage = 1e18,
            .network_bytes = 1e9,
            .disk_bytes = 1e9,
            .events_per_message = 100,
            .batch_size = 1'000,
            .stream_replicas = 1,
            .database_copies = 2,
            .profile_sessions = 1,
            .retention_days = 30};
}

Load load(double events_per_second) {
    return {.events_per_second = events_per_second, .events_per_request = 20'000};
}

TEST(Size, TakesTheScarcestResource) {
    const auto part = size({{"plenty", 10, 100}, {"scarce", 30, 10}}, 1.0);

    EXPECT_EQ(part.count, 3);
    EXPECT_EQ(part.bottleneck, "scarce");
    EXPECT_DOUBLE_EQ(part.utilisation, 1);
}

TEST(Size, LeavesTheHeadroom) {
    EXPECT_EQ(size({{"cores", 30, 10}}, 0.5).count, 6);
    EXPECT_EQ(size({{"cores", 31, 10}}, 0.5).count, 7);
}

TEST(Size, KeepsTheLeast) {
    const auto part = size({{"cores", 1, 10}}, 0.5, 3);

    EXPECT_EQ(part.count, 3);
    EXPECT_THAT(part.utilisation, DoubleNear(1.0 / 30, 1e-9));
}

TEST(Size, RefusesACeilingOfNothing) {
    EXPECT_THROW(static_cast<void>(size({{"cores", 1, 0}}, 0.5)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(size({{"cores", 1, 1}}, 0)), std::invalid_argument);
}

TEST(CostOfEvent, AddsWhatEachProcessSpends) {
    EXPECT_DOUBLE_EQ(cost_of_event(round_costs(), choices(), load(1), false), 34);
    EXPECT_DOUBLE_EQ(cost_of_event(round_costs(), choices(), load(1), true), 74);
}

TEST(CostOfEvent, EachReplicaStoresIt) {
    auto copies = choices();
    copies.stream_replicas = 3;
    EXPECT_DOUBLE_EQ(cost_of_event(round_costs(), copies, load(1), false), 34 + 2 * 2);
}

TEST(CostOfEvent, SharesWhatAMessageAndABatchCost) {
    auto costs = round_costs();
    costs.cpu.publish_message = 100;  // 1 an event: messages are full
    costs.cpu.insert_batch = 2'000;   // 2 an event

    EXPECT_DOUBLE_EQ(cost_of_event(costs, choices(), load(1), false), 34 + 1 + 2);
}

TEST(Plan, OfALoadThatOneMachineOfEachKindCarries) {
    const auto small = plan(round_costs(), choices(), load(10'000));

    EXPECT_EQ(small.gateways.count, 1);
    EXPECT_EQ(small.brokers.count, 1);
    EXPECT_EQ(small.partitions.count, 1);
    EXPECT_EQ(small.collectors.count, 2);  // one of each source
    EXPECT_EQ(small.databases.count, 1);
    EXPECT_DOUBLE_EQ(small.events_per_message, 100);
}

TEST(Plan, ProfilesAreTheFirstToAskForAnotherDatabase) {
    // 5,000 of a source's events x 40 us are 0.2 of the one session; half of it is for use.
    EXPECT_EQ(plan(round_costs(), choices(), load(25'000)).databases.count, 1);

    const auto more = plan(round_costs(), choices(), load(100'000));
    EXPECT_EQ(more.databases.count, 4);
    EXPECT_EQ(more.databases.bottleneck, "profiles, one session a source");
    EXPECT_DOUBLE_EQ(more.busy_database_cores, 6);  // so one server may hold all four
}

TEST(Plan, WithManyProfileSessionsTheDatabaseRunsOutOfTheSingleFoldingNext) {
    auto many = choices();
    many.profile_sessions = 100;
    many.disk_bytes = 1e12;
    const auto planned = plan(round_costs(), many, load(400'000));

    EXPECT_EQ(planned.databases.count, 3);  // 400,000 x 3 us / 0.5
    EXPECT_EQ(planned.databases.bottleneck, "folding, one at a time");
}

TEST(Plan, ALongRetentionNeedsDatabasesForItsBytes) {
    auto small = choices();
    small.database_storage = 1e12;
    const auto planned = plan(round_costs(), small, load(10'000));

    // 600 bytes an event, 86,400 seconds, 30 days: 15.6 TB, half of each disk.
    EXPECT_EQ(planned.databases.count, 32);
    EXPECT_EQ(planned.databases.bottleneck, "storage");
    small.retention_days = 1;
    EXPECT_EQ(plan(round_costs(), small, load(10'000)).databases.count, 2);
}

TEST(Plan, UsersWhoAreKnownCostWhatWasMeasuredOfThem) {
    auto known = load(100'000);
    known.new_users = 0;

    EXPECT_EQ(plan(round_costs(), choices(), known).databases.count, 6);  // 50,000 x 60 us / 0.5
}

TEST(Plan, APartitionBelongsToOneDatabase) {
    const auto planned = plan(round_costs(), choices(), load(100'000));

    EXPECT_EQ(planned.partitions.count, planned.databases.count);
    EXPECT_EQ(planned.partitions.bottleneck, "databases");
    EXPECT_EQ(planned.collectors.count % (2 * planned.partitions.count), 0);
}

TEST(Plan, ManyPartitionsMakeThinMessages) {
    auto thin = load(1'000'000);
    thin.events_per_request = 100;  // 50 of a source, over 40 partitions
    const auto planned = plan(round_costs(), choices(), thin);

    EXPECT_LT(planned.events_per_message, 2);
    EXPECT_GT(planned.partitions.count, planned.databases.count);
    EXPECT_EQ(planned.partitions.bottleneck, "messages of a leader");
}

TEST(Plan, AllBytesAreAccountedFor) {
    auto copies = choices();
    copies.stream_replicas = 3;
    const auto planned = plan(round_costs(), copies, load(1'000));

    EXPECT_DOUBLE_EQ(planned.traffic.requests, 500'000);
    EXPECT_DOUBLE_EQ(planned.traffic.published, 450'000);
    EXPECT_DOUBLE_EQ(planned.traffic.replicated, 900'000);
    EXPECT_DOUBLE_EQ(planned.traffic.wal, 800'000);
    EXPECT_DOUBLE_EQ(planned.growth.rows, 400'000.0 * 86'400);
    EXPECT_DOUBLE_EQ(planned.retained_bytes, 600'000.0 * 86'400 * 30 * 2);
    EXPECT_EQ(planned.brokers.count, 3);  // one for each replica
}

TEST(Plan, MoreEventsNeverNeedLess) {
    Plan before = plan(round_costs(), choices(), load(1'000));
    for (double rate = 1'300; rate < 2e7; rate *= 1.3) {
        const auto after = plan(round_costs(), choices(), load(rate));
        EXPECT_GE(after.gateways.count, before.gateways.count) << rate;
        EXPECT_GE(after.brokers.count, before.brokers.count) << rate;
        EXPECT_GE(after.partitions.count, before.partitions.count) << rate;
        EXPECT_GE(after.collectors.count, before.collectors.count) << rate;
        EXPECT_GE(after.databases.count, before.databases.count) << rate;
        before = after;
    }
}

TEST(Plan, NothingIsBusierThanItMayBe) {
    for (double rate = 1'000; rate < 2e7; rate *= 1.7) {
        const auto planned = plan(round_costs(), choices(), load(rate));
        for (const auto& part : {planned.gateways, planned.brokers, planned.partitions,
                                 planned.collectors, planned.databases}) {
            EXPECT_LE(part.utilisation, choices().utilisation + 1e-9) << rate << part.bottleneck;
        }
    }
}

TEST(Plan, RefusesWhatMakesNoSense) {
    const auto refused = [](const Choices& with, const Load& of) {
        EXPECT_THROW(static_cast<void>(plan(round_costs(), with, of)), std::invalid_argument);
    };
    refused(choices(), load(0));
    refused(choices(), {.events_per_second = 1, .events_per_request = 0});
    refused(choices(), {.events_per_second = 1, .events_per_request = 1, .new_users = 1.1});
    auto busy = choices();
    busy.utilisation = 1.5;
    refused(busy, load(1));
    auto none = choices();
    none.batch_size = 0;
    refused(none, load(1));
}

}  // namespace
}  // namespace events::bench::scaling
