// What a real nats-server says of the streams is what the gateway's gauges show.
#include "gateway/stream_monitor.hpp"

#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace events::gateway {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::NatsServer;
using std::chrono::system_clock;
using namespace std::chrono_literals;

constexpr nats::TopologyOptions kSmall{.stream_max_bytes = 64 << 20,
                                       .dead_letter_max_bytes = 8 << 20};

class StreamMonitorOfServer : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(client.connection.wait_connected(kPatience)); }

    void make_streams() {
        client.jetstream.ensure_stream(nats::event_stream(Source::facebook, kSmall));
        client.jetstream.ensure_stream(nats::event_stream(Source::tiktok, kSmall));
        client.jetstream.ensure_stream(nats::dead_letter_stream(kSmall));
    }

    void publish(const char* subject, int messages) {
        nats::Publisher publisher{
            client.connection, {.ack_timeout = 30s}, nats::test::make_log(), metrics_of_load};
        for (int i = 0; i < messages; ++i) {
            ASSERT_TRUE(publisher.publish(subject, {}, "payload").durable());
        }
    }

    double gauge(const char* name, const char* stream) {
        return metrics.gauge(name, "", {{"stream", stream}}).Value();
    }

    bool await_messages(const char* stream, double messages) {
        return await([&] { return gauge("stream_messages", stream) == messages; });
    }

    NatsServer server;
    nats::test::Client client{server.url()};
    metrics::Registry metrics;
    metrics::Registry metrics_of_load;
    std::optional<StreamMonitor> monitor;

    void watch() { monitor.emplace(client.connection, 20ms, nats::test::make_log(), metrics); }
};

double seconds(system_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

TEST_F(StreamMonitorOfServer, ShowsWhatEachStreamHolds) {
    make_streams();
    watch();
    publish("events.facebook", 3);
    publish("dead.gateway", 1);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 3));
    ASSERT_TRUE(await_messages("EVENTS_DEAD", 1));

    EXPECT_EQ(gauge("stream_bytes", "EVENTS_FACEBOOK"),
              static_cast<double>(client.jetstream.stream_info("EVENTS_FACEBOOK")->bytes));
    EXPECT_GT(gauge("stream_bytes", "EVENTS_FACEBOOK"), gauge("stream_bytes", "EVENTS_DEAD"));
    EXPECT_EQ(gauge("stream_max_bytes", "EVENTS_FACEBOOK"), 64 << 20);
    EXPECT_EQ(gauge("stream_max_bytes", "EVENTS_DEAD"), 8 << 20);

    EXPECT_EQ(gauge("stream_messages", "EVENTS_TIKTOK"), 0);
    EXPECT_EQ(gauge("stream_bytes", "EVENTS_TIKTOK"), 0);
    EXPECT_EQ(gauge("stream_oldest_age_seconds", "EVENTS_TIKTOK"), 0);
}

TEST_F(StreamMonitorOfServer, TheAgeIsThatOfTheOldestMessageWhichIsStillThere) {
    make_streams();
    watch();
    publish("events.tiktok", 1);
    const auto age = [&] { return gauge("stream_oldest_age_seconds", "EVENTS_TIKTOK"); };
    ASSERT_TRUE(await([&] { return age() > 0.5; }));  // it grows while nobody takes it
    publish("events.tiktok", 1);
    ASSERT_TRUE(await_messages("EVENTS_TIKTOK", 2));
    EXPECT_GT(age(), 0.5);

    const auto before = system_clock::now();
    ASSERT_TRUE(client.jetstream.delete_message("EVENTS_TIKTOK", 1));
    ASSERT_TRUE(await_messages("EVENTS_TIKTOK", 1));
    const auto shown = age();
    const auto after = system_clock::now();
    const auto second = client.jetstream.stream_info("EVENTS_TIKTOK")->oldest;
    ASSERT_TRUE(second);
    EXPECT_GE(shown, seconds(before - *second));
    EXPECT_LE(shown, seconds(after - *second));

    client.jetstream.purge_stream("EVENTS_TIKTOK", 2);
    ASSERT_TRUE(await_messages("EVENTS_TIKTOK", 0));
    EXPECT_EQ(age(), 0);
}

TEST_F(StreamMonitorOfServer, AStreamWithoutABoundHasNone) {
    auto unbounded = nats::event_stream(Source::facebook, kSmall);
    unbounded.max_bytes = -1;
    client.jetstream.ensure_stream(unbounded);
    watch();
    publish("events.facebook", 1);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 1));
    EXPECT_EQ(gauge("stream_max_bytes", "EVENTS_FACEBOOK"), 0);
}

TEST_F(StreamMonitorOfServer, AMissingStreamHoldsNothingAndHidesNoOther) {
    make_streams();
    watch();
    publish("events.facebook", 2);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 2));
    EXPECT_EQ(events::test::jetstream_api(server.url(), "$JS.API.STREAM.DELETE.EVENTS_FACEBOOK")
                  .value("success", false),
              true);
    publish("events.tiktok", 2);
    EXPECT_TRUE(await_messages("EVENTS_FACEBOOK", 0));
    EXPECT_TRUE(await_messages("EVENTS_TIKTOK", 2));
}

TEST_F(StreamMonitorOfServer, GoesOnAfterTheServerWasAway) {
    make_streams();
    watch();
    publish("events.facebook", 2);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 2));
    server.stop();
    ASSERT_TRUE(await([&] { return !client.connection.connected(); }));
    EXPECT_EQ(gauge("stream_messages", "EVENTS_FACEBOOK"), 2);  // as last seen
    server.start();
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    publish("events.facebook", 1);
    EXPECT_TRUE(await_messages("EVENTS_FACEBOOK", 3));
}

}  // namespace
}  // namespace events::gateway
