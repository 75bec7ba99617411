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
    costs.cpu = {.gateway = 4, .publish = 2, .deliver = 3, .collector = 5, .store = 20};
    costs.bytes = {
        .http = 500, .message = 450, .row = 300, .row_indexes = 100, .segment = 50, .wal = 500};
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
    EXPECT_DOUBLE_EQ(cost_of_event(round_costs(), choices(), load(1)), 34);
}

TEST(CostOfEvent, EachReplicaStoresIt) {
    auto copies = choices();
    copies.stream_replicas = 3;
    EXPECT_DOUBLE_EQ(cost_of_event(round_costs(), copies, load(1)), 34 + 2 * 2);
}

TEST(CostOfEvent, SharesWhatAMessageAndABatchCost) {
    auto costs = round_costs();
    costs.cpu.publish_message = 100;  // 1 an event: messages are full
    costs.cpu.store_batch = 2'000;    // 2 an event

    EXPECT_DOUBLE_EQ(cost_of_event(costs, choices(), load(1)), 34 + 1 + 2);
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

TEST(Plan, ADatabaseRunsOutOfCoresOrOfItsDisk) {
    auto slow = choices();
    slow.disk_bytes = 1e8;  // a tenth
    // 950 bytes an event, half of the disk is for use.
    EXPECT_EQ(plan(round_costs(), slow, load(100'000)).databases.count, 2);
    EXPECT_EQ(plan(round_costs(), slow, load(100'000)).databases.bottleneck, "disk writes");
    auto few = choices();
    few.database_cores = 2;
    EXPECT_EQ(plan(round_costs(), few, load(100'000)).databases.count, 2);  // 20 us an event
    EXPECT_EQ(plan(round_costs(), few, load(100'000)).databases.bottleneck, "cores");
}

TEST(Plan, ALongRetentionNeedsDatabasesForItsBytes) {
    auto small = choices();
    small.database_storage = 1e12;
    const auto planned = plan(round_costs(), small, load(10'000));

    // 450 bytes an event, 86,400 seconds, 30 days: 11.7 TB, half of each disk.
    EXPECT_EQ(planned.databases.count, 24);
    EXPECT_EQ(planned.databases.bottleneck, "storage");
    small.retention_days = 1;
    EXPECT_EQ(plan(round_costs(), small, load(10'000)).databases.count, 1);
}

TEST(Plan, APartitionBelongsToOneDatabase) {
    const auto planned = plan(round_costs(), choices(), load(1'000'000));

    EXPECT_EQ(planned.partitions.count, planned.databases.count);
    EXPECT_EQ(planned.partitions.bottleneck, "databases");
    EXPECT_EQ(planned.collectors.count % (2 * planned.partitions.count), 0);
}

TEST(Plan, ManyPartitionsMakeThinMessages) {
    auto thin = load(1'000'000);
    thin.events_per_request = 100;  // 50 of a source
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
    EXPECT_DOUBLE_EQ(planned.traffic.wal, 500'000);
    EXPECT_DOUBLE_EQ(planned.growth.rows, 400'000.0 * 86'400);
    EXPECT_DOUBLE_EQ(planned.growth.segments, 50'000.0 * 86'400);
    EXPECT_DOUBLE_EQ(planned.retained_bytes, 450'000.0 * 86'400 * 30 * 2);
    EXPECT_DOUBLE_EQ(planned.cached_bytes, 50'000.0 * 86'400 * 30);
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
    auto busy = choices();
    busy.utilisation = 1.5;
    refused(busy, load(1));
    auto none = choices();
    none.batch_size = 0;
    refused(none, load(1));
}

}  // namespace
}  // namespace events::bench::scaling
