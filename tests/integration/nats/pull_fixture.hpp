#pragma once

#include "common/nats/handles.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/pull_consumer.hpp"
#include "common/nats/topology.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace events::nats::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr milliseconds kMoment{200};

/// A broker with a consumer, a client that publishes, and consumers for who pulls.
class PullFromServer : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(client.connection.wait_connected(events::test::kPatience));
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
                                                milliseconds expiry = seconds{5},
                                                milliseconds grace = seconds{2},
                                                std::size_t max_bytes = 0) {
        auto consumer = std::make_unique<PullConsumer>(
            by.connection,
            PullConsumer::Options{.stream = "WORK",
                                  .durable = "worker",
                                  .max_bytes = max_bytes,
                                  .request_expiry = expiry,
                                  .grace = grace,
                                  .stop_patience = seconds{20},
                                  .forget_patience = seconds{20}},
            [this, &by] { provision(by); }, make_log());
        consumer->set_window(window);
        return consumer;
    }

    /// Each once: what is published again for want of an answer is known by its id.
    void publish(int count, const std::string& prefix = "") {
        for (int i = 0; i < count; ++i) {
            const auto payload = prefix + std::to_string(i);
            const std::array headers{HeaderField{headers::kMessageId, payload}};
            ASSERT_TRUE(events::test::await(
                [&] { return publisher.publish("work", headers, payload).durable(); }));
        }
    }

    static std::optional<Delivery> take(PullConsumer& consumer) {
        std::optional<Delivery> delivery;
        static_cast<void>(
            events::test::await([&] { return (delivery = consumer.next(kMoment)).has_value(); }));
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

    std::uint64_t messages_left() { return messages_in(client.jetstream, "WORK"); }

    seconds ack_wait{30};
    std::atomic<int> provisions{0};
    events::test::NatsServer server;
    Client client{server.url()};
    Publisher publisher{
        client.connection, {.ack_timeout = seconds{30}}, make_log(), client.metrics};
};

}  // namespace events::nats::test
