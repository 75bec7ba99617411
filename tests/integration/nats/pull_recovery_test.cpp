// A pull consumer whose server, consumer or connection goes.
#include "common/nats/error.hpp"
#include "integration/nats/pull_fixture.hpp"
#include "support/tcp_proxy.hpp"

#include <set>
#include <string>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::NatsServer;

TEST_F(PullFromServer, GoesOnAfterItsRequestsExpired) {
    // Not by the watchdog: the server says that they are over.
    const auto consumer = make_consumer(client, 10, milliseconds{300}, kPatience);
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

// What the server had said in time was dropped with the subscription when this process stood still.
TEST_F(PullFromServer, TakesALateServerForSilentOnlyWhenNothingOfItIsOnItsWay) {
    events::test::TcpProxy proxy{server.port()};
    Client late{"nats://127.0.0.1:" + std::to_string(proxy.port())};
    ASSERT_TRUE(late.connection.wait_connected(kPatience));
    const auto consumer = make_consumer(late, 10, seconds{1}, milliseconds{500});
    EXPECT_FALSE(consumer->next(kMoment));
    const int before = provisions.load();
    proxy.set(events::test::ProxyMode::delay, seconds{1});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(consumer->next(seconds{1}));
    EXPECT_EQ(provisions.load(), before);
    publish(1);
    auto delivery = take(*consumer);
    ASSERT_TRUE(delivery);
    EXPECT_EQ(delivery->metadata().deliveries, 1U);
    proxy.set(events::test::ProxyMode::pass);
}

TEST_F(PullFromServer, GoesOnAfterARestartOfTheServer) {
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
        ASSERT_TRUE(await([&] { return !client.connection.connected(); }));
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
    auto& indicator = client.health.add("consumer");
    PullConsumer consumer{client.connection,
                          {.stream = "WORK", .durable = "worker", .indicator = &indicator},
                          [&] {
                              EXPECT_EQ(indicator.reason(),
                                        failures == 0 ? "starting" : "provision: not yet");
                              EXPECT_FALSE(indicator.is_up());
                              if (++failures < 4) throw Error{"provision", "not yet"};
                          },
                          make_log()};
    consumer.set_window(1);
    EXPECT_TRUE(take(consumer));
    EXPECT_EQ(failures, 4);
    EXPECT_TRUE(indicator.is_up());
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
