#include "common/nats/pull_consumer.hpp"

#include "integration/nats/pull_fixture.hpp"

#include <array>
#include <atomic>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::await;

TEST_F(PullFromServer, GivesAMessageWithItsHeadersAndMetadata) {
    const std::array headers{HeaderField{"X-Correlation-Id", "abc"}};
    ASSERT_TRUE(publisher.publish("work", headers, "payload").durable());
    publish(1);
    const auto consumer = make_consumer(client, 10);
    auto delivery = take(*consumer);
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->payload(), "payload");
    EXPECT_EQ(delivery->header("X-Correlation-Id"), "abc");
    EXPECT_FALSE(delivery->header("X-Other"));
    EXPECT_EQ(delivery->metadata().stream_sequence, 1U);
    EXPECT_EQ(delivery->metadata().deliveries, 1U);
    EXPECT_EQ(delivery->metadata().pending, 1U);
    EXPECT_GT(delivery->metadata().stored_at.time_since_epoch().count(), 0);
    delivery->ack();
    EXPECT_TRUE(await([&] { return messages_left() == 1U; }));
}

TEST_F(PullFromServer, SharesTheMessagesBetweenProcesses) {
    constexpr int kMessages = 2'000;
    publish(kMessages);
    std::mutex mutex;
    std::multiset<std::string> seen;
    std::latch both_have_one{2};  // else one of them may have taken all before the other began
    {
        std::vector<std::jthread> collectors;
        for (int number = 0; number < 2; ++number) {
            collectors.emplace_back([&] {
                Client own{server.url()};
                const auto consumer = make_consumer(own, 50);
                const auto acknowledge = [&](Delivery& delivery) {
                    delivery.ack();
                    const std::lock_guard lock{mutex};
                    seen.emplace(delivery.payload());
                };
                auto first = take(*consumer);
                EXPECT_TRUE(first);
                if (first) acknowledge(*first);
                both_have_one.arrive_and_wait();
                static_cast<void>(await([&] {
                    while (auto delivery = consumer->next(kMoment)) acknowledge(*delivery);
                    const std::lock_guard lock{mutex};
                    return seen.size() >= kMessages;
                }));
            });
        }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kMessages));
    EXPECT_EQ((std::set<std::string>{seen.begin(), seen.end()}).size(), seen.size());
    EXPECT_TRUE(await([&] { return messages_left() == 0U; }));
}

TEST_F(PullFromServer, GivesAMessageAgainAfterANak) {
    publish(1);
    const auto consumer = make_consumer(client, 10);
    auto first = take(*consumer);
    ASSERT_TRUE(first);
    first->nak(milliseconds{0});
    auto second = take(*consumer);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->metadata().deliveries, 2U);
    second->nak(milliseconds{100});
    auto third = take(*consumer);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->metadata().deliveries, 3U);
    third->ack();
    EXPECT_TRUE(await([&] { return messages_left() == 0U; }));
}

TEST_F(PullFromServer, GivesAMessageAgainThatIsNotAcknowledgedInTime) {
    ack_wait = seconds{1};
    provision(client);
    publish(1);
    const auto consumer = make_consumer(client, 10);
    ASSERT_TRUE(take(*consumer));
    auto again = take(*consumer);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->metadata().deliveries, 2U);
    again->ack();
}

TEST_F(PullFromServer, KeepsAMessageThatIsBeingWorkedOn) {
    ack_wait = seconds{8};
    provision(client);
    publish(1);
    const auto consumer = make_consumer(client, 10);
    auto delivery = take(*consumer);
    ASSERT_TRUE(delivery);
    for (int i = 0; i < 11; ++i) {
        delivery->in_progress();
        EXPECT_FALSE(consumer->next(seconds{1}));
    }
    delivery->ack();
    EXPECT_TRUE(await([&] { return messages_left() == 0U; }));
}

TEST_F(PullFromServer, HasNoMoreThanTheWindowOnItsWay) {
    publish(100);
    const auto consumer = make_consumer(client, 10);
    ASSERT_TRUE(take(*consumer));
    const auto unacknowledged = [&] {
        return client.jetstream.consumer_info("WORK", "worker")->unacknowledged;
    };
    // One is taken, 9 wait here, and nothing more is requested before those are taken.
    EXPECT_TRUE(await([&] { return unacknowledged() == 10U; }));

    consumer->set_window(30);
    for (int i = 0; i < 9; ++i) ASSERT_TRUE(take(*consumer));
    EXPECT_EQ(unacknowledged(), 10U);
    ASSERT_TRUE(take(*consumer));
    EXPECT_TRUE(await([&] { return unacknowledged() == 40U; }));
}

TEST_F(PullFromServer, HasNoMoreThanItsBytesOnItsWay) {
    const std::string payload(10'000, 'x');
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(publisher.publish("work", {}, payload).durable());
    const auto consumer = make_consumer(client, 100, seconds{5}, seconds{2}, 35'000);
    const auto unacknowledged = [&] {
        return client.jetstream.consumer_info("WORK", "worker")->unacknowledged;
    };
    for (std::uint64_t taken = 1; taken <= 20; ++taken) {
        ASSERT_TRUE(take(*consumer));
        EXPECT_LE(unacknowledged() - taken, 2U) << "three at a time";
    }
}

// It would never come: no request of so few bytes is filled by it.
TEST_F(PullFromServer, TakesAMessageThatIsLargerThanItsBytes) {
    for (const std::size_t size : {10UL, 100'000UL, 10UL, 200'000UL, 300'000UL, 10UL}) {
        ASSERT_TRUE(publisher.publish("work", {}, std::string(size, 'x')).durable());
    }
    const auto consumer = make_consumer(client, 100, seconds{5}, seconds{2}, 35'000);
    for (const std::size_t size : {10UL, 100'000UL, 10UL, 200'000UL, 300'000UL, 10UL}) {
        auto delivery = take(*consumer);
        ASSERT_TRUE(delivery);
        EXPECT_EQ(delivery->payload().size(), size);
        delivery->ack();
    }
    EXPECT_TRUE(await([&] { return messages_left() == 0U; }));
    EXPECT_EQ(provisions.load(), 2) << "the fixture's, and the first use";
}

TEST_F(PullFromServer, TakesWhatIsHereWithoutWaiting) {
    publish(3);
    const auto consumer = make_consumer(client, 3);
    ASSERT_TRUE(take(*consumer));
    ASSERT_TRUE(await([&] { return consumer->next(milliseconds{0}).has_value(); }));
    ASSERT_TRUE(await([&] { return consumer->next(milliseconds{0}).has_value(); }));
    EXPECT_FALSE(consumer->next(milliseconds{0}));
}

TEST_F(PullFromServer, GivesBackWhatItHasNotTakenWhenItStops) {
    ack_wait = std::chrono::hours{1};  // without the naks nothing would come again
    provision(client);
    publish(50);
    const auto stopping = make_consumer(client, 50);
    auto taken = take(*stopping);
    ASSERT_TRUE(taken);
    ASSERT_TRUE(await(
        [&] { return client.jetstream.consumer_info("WORK", "worker")->unacknowledged == 50U; }));
    stopping->stop();
    EXPECT_FALSE(stopping->next(kMoment));
    taken->ack();

    const auto other = make_consumer(client, 50);
    std::set<std::uint64_t> seen;
    EXPECT_TRUE(await([&] {
        while (auto delivery = other->next(kMoment)) {
            delivery->ack();
            seen.insert(delivery->metadata().stream_sequence);
        }
        return seen.size() == 49U;
    }));
}

TEST_F(PullFromServer, BeginsAnewAfterItReleasedWhatItHadRequested) {
    ack_wait = std::chrono::hours{1};  // without the naks nothing would come again
    provision(client);
    publish(20);
    const auto consumer = make_consumer(client, 20);
    auto first = take(*consumer);
    ASSERT_TRUE(first);
    ASSERT_TRUE(await(
        [&] { return client.jetstream.consumer_info("WORK", "worker")->unacknowledged == 20U; }));
    consumer->release();
    first->ack();
    std::set<std::uint64_t> seen;
    EXPECT_TRUE(await([&] {
        while (auto delivery = consumer->next(kMoment)) {
            delivery->ack();
            seen.insert(delivery->metadata().stream_sequence);
        }
        return seen.size() == 19U;
    }));
}

TEST_F(PullFromServer, StopsANextThatWaits) {
    const auto consumer = make_consumer(client, 10);
    std::atomic<bool> waiting{false};
    std::jthread reader{[&] {
        waiting = true;
        EXPECT_FALSE(consumer->next(std::chrono::hours{1}));
    }};
    ASSERT_TRUE(await([&] { return waiting.load(); }));
    consumer->stop();
}

}  // namespace
}  // namespace events::nats::test
