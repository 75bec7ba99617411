#include "common/nats/pull_consumer.hpp"

#include "common/nats/error.hpp"
#include "common/nats/publisher.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::NatsServer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kMoment{200};

class PullFromServer : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(client.connection.wait_connected(kPatience));
        provision(client);
    }

    void provision(Client& by) {
        ++provisions;
        by.jetstream.ensure_stream(work_queue());
        by.jetstream.ensure_consumer({.stream = "WORK",
                                      .durable = "worker",
                                      .ack_wait = ack_wait,
                                      .max_ack_pending = 5'000});
    }

    std::unique_ptr<PullConsumer> make_consumer(Client& by, std::size_t window,
                                                milliseconds expiry = seconds{5}) {
        auto consumer = std::make_unique<PullConsumer>(
            by.connection,
            PullConsumer::Options{.stream = "WORK", .durable = "worker", .request_expiry = expiry},
            [this, &by] { provision(by); }, make_log());
        consumer->set_window(window);
        return consumer;
    }

    void publish(int count, const std::string& prefix = "") {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(await([&] {
                return publisher.publish("work", {}, prefix + std::to_string(i)).durable();
            }));
        }
    }

    static std::optional<Delivery> take(PullConsumer& consumer) {
        std::optional<Delivery> delivery;
        static_cast<void>(await([&] { return (delivery = consumer.next(kMoment)).has_value(); }));
        return delivery;
    }

    void remove_consumer() {
        natsMsg* raw = nullptr;
        const auto status =
            natsConnection_RequestString(&raw, client.connection.native().get(),
                                         "$JS.API.CONSUMER.DELETE.WORK.worker", "", 5'000);
        const MessageHandle reply{raw};
        ASSERT_EQ(status, NATS_OK);
    }

    std::uint64_t messages_left() { return client.jetstream.stream_info("WORK")->messages; }

    seconds ack_wait{30};
    std::atomic<int> provisions{0};
    NatsServer server;
    Client client{server.url()};
    Publisher publisher{client.connection, {.ack_timeout = seconds{1}}, make_log(), client.metrics};
};

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
    std::map<int, int> shares;
    {
        std::vector<std::jthread> collectors;
        for (int number = 0; number < 2; ++number) {
            collectors.emplace_back([&, number] {
                Client own{server.url()};
                const auto consumer = make_consumer(own, 50);
                static_cast<void>(await([&] {
                    while (auto delivery = consumer->next(kMoment)) {
                        delivery->ack();
                        const std::lock_guard lock{mutex};
                        seen.emplace(delivery->payload());
                        ++shares[number];
                    }
                    const std::lock_guard lock{mutex};
                    return seen.size() >= kMessages;
                }));
            });
        }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kMessages));
    EXPECT_EQ((std::set<std::string>{seen.begin(), seen.end()}).size(), seen.size());
    EXPECT_EQ(shares.size(), 2U);
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
    ack_wait = seconds{2};
    provision(client);
    publish(1);
    const auto consumer = make_consumer(client, 10);
    auto delivery = take(*consumer);
    ASSERT_TRUE(delivery);
    for (int i = 0; i < 15; ++i) {
        delivery->in_progress();
        EXPECT_FALSE(consumer->next(kMoment));
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
    // One is taken, 9 wait here; more than half the window is left, so nothing more is requested.
    EXPECT_TRUE(await([&] { return unacknowledged() == 10U; }));

    consumer->set_window(30);
    ASSERT_TRUE(take(*consumer));
    EXPECT_TRUE(await([&] { return unacknowledged() == 31U; }));
}

TEST_F(PullFromServer, TakesWhatIsHereWithoutWaiting) {
    publish(3);
    const auto consumer = make_consumer(client, 3);
    ASSERT_TRUE(take(*consumer));
    ASSERT_TRUE(await([&] { return consumer->next(milliseconds{0}).has_value(); }));
    ASSERT_TRUE(await([&] { return consumer->next(milliseconds{0}).has_value(); }));
    EXPECT_FALSE(consumer->next(milliseconds{0}));
}

TEST_F(PullFromServer, GoesOnAfterItsRequestsExpired) {
    const auto consumer = make_consumer(client, 10, milliseconds{300});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(consumer->next(milliseconds{200}));
    publish(3);
    for (int i = 0; i < 3; ++i) {
        auto delivery = take(*consumer);
        ASSERT_TRUE(delivery);
        EXPECT_EQ(delivery->metadata().deliveries, 1U);
        delivery->ack();
    }
    EXPECT_EQ(provisions.load(), 2);  // the fixture's, and the first use
}

TEST_F(PullFromServer, GoesOnAfterARestartOfTheServer) {
    ack_wait = seconds{2};
    provision(client);
    const auto consumer = make_consumer(client, 10);
    std::set<std::string> seen;
    const auto drain_until = [&](std::size_t count) {
        return await([&] {
            while (auto delivery = consumer->next(kMoment)) {
                delivery->ack();
                seen.emplace(delivery->payload());
            }
            return seen.size() >= count;
        });
    };
    for (std::size_t round = 0; round < 3; ++round) {
        publish(20, std::to_string(round) + "-");
        ASSERT_TRUE(drain_until(20 * (round + 1)));
        round % 2 == 0 ? server.kill() : server.stop();
        EXPECT_FALSE(consumer->next(milliseconds{50}));
        server.start();
    }
    EXPECT_TRUE(await([&] {
        static_cast<void>(consumer->next(kMoment));
        return client.connection.connected() && provisions.load() >= 5;
    }));
}

TEST_F(PullFromServer, MakesADeletedConsumerAgain) {
    const auto consumer = make_consumer(client, 10);
    publish(1);
    auto delivery = take(*consumer);
    ASSERT_TRUE(delivery);
    delivery->ack();
    ASSERT_TRUE(await([&] { return messages_left() == 0U; }));

    remove_consumer();
    publish(1, "after-");
    auto after = take(*consumer);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->payload(), "after-0");
    after->ack();
}

// The server tells nobody that a consumer is missing: only the watchdog sees it.
TEST_F(PullFromServer, MakesAConsumerAgainThatWasDeletedWhileNothingWasRequested) {
    const auto consumer = make_consumer(client, 1, milliseconds{500});
    publish(1);
    ASSERT_TRUE(take(*consumer));
    remove_consumer();
    publish(1, "after-");
    EXPECT_TRUE(take(*consumer));
    EXPECT_GE(provisions.load(), 3);
}

TEST_F(PullFromServer, TriesAgainWhenProvisioningFails) {
    publish(1);
    int failures = 0;
    PullConsumer consumer{client.connection,
                          {.stream = "WORK", .durable = "worker"},
                          [&] {
                              if (++failures < 4) throw Error{"provision", "not yet"};
                          },
                          make_log()};
    consumer.set_window(1);
    EXPECT_TRUE(take(consumer));
    EXPECT_EQ(failures, 4);
}

TEST_F(PullFromServer, GivesBackWhatItHasNotTakenWhenItStops) {
    publish(50);
    const auto stopping = make_consumer(client, 50);
    auto taken = take(*stopping);
    ASSERT_TRUE(taken);
    ASSERT_TRUE(await(
        [&] { return client.jetstream.consumer_info("WORK", "worker")->unacknowledged == 50U; }));
    stopping->stop();
    EXPECT_FALSE(stopping->next(kMoment));
    taken->ack();

    // ack_wait is half a minute: without the naks nothing would come now.
    const auto other = make_consumer(client, 50);
    std::set<std::uint64_t> seen;
    EXPECT_TRUE(await(
        [&] {
            while (auto delivery = other->next(kMoment)) {
                delivery->ack();
                seen.insert(delivery->metadata().stream_sequence);
            }
            return seen.size() == 49U;
        },
        seconds{20}));
}

TEST_F(PullFromServer, BeginsAnewAfterItReleasedWhatItHadRequested) {
    publish(20);
    const auto consumer = make_consumer(client, 20);
    auto first = take(*consumer);
    ASSERT_TRUE(first);
    ASSERT_TRUE(await(
        [&] { return client.jetstream.consumer_info("WORK", "worker")->unacknowledged == 20U; }));
    consumer->release();
    first->ack();
    // ack_wait is half a minute: without the naks nothing would come now.
    std::set<std::uint64_t> seen;
    EXPECT_TRUE(await(
        [&] {
            while (auto delivery = consumer->next(kMoment)) {
                delivery->ack();
                seen.insert(delivery->metadata().stream_sequence);
            }
            return seen.size() == 19U;
        },
        seconds{20}));
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

TEST(PullWithoutServer, HasNoMessages) {
    NatsServer server{{.started = false}};
    Client client{server.url()};
    PullConsumer consumer{
        client.connection, {.stream = "WORK", .durable = "worker"}, [] {}, make_log()};
    consumer.set_window(10);
    EXPECT_FALSE(consumer.next(milliseconds{0}));
    EXPECT_FALSE(consumer.next(milliseconds{100}));
}

}  // namespace
}  // namespace events::nats::test
