// What a real nats-server says of the streams is what the gateway's gauges show.
#include "gateway/stream_monitor.hpp"

#include "common/nats/publisher.hpp"
#include "common/nats/pull_consumer.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/jetstream_api.hpp"
#include "support/log_lines.hpp"
#include "support/nats_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace events::gateway {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::LogLines;
using events::test::NatsServer;
using std::chrono::system_clock;
using namespace std::chrono_literals;

constexpr nats::TopologyOptions kSmall{.stream_max_bytes = 64 << 20,
                                       .dead_letter_max_bytes = 8 << 20};

class StreamMonitorOfServer : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(client.connection.wait_connected(kPatience)); }

    void make_streams() {
        client.jetstream.ensure_stream(nats::event_stream(kFacebook, kSmall));
        client.jetstream.ensure_stream(nats::event_stream(kTikTok, kSmall));
        client.jetstream.ensure_stream(nats::dead_letter_stream(kSmall));
    }

    void publish(const char* subject, int messages) {
        nats::Publisher publisher{
            client.connection, {.ack_timeout = 30s}, nats::test::make_log(), metrics_of_load};
        for (int i = 0; i < messages; ++i) {
            ASSERT_TRUE(publisher.publish(subject, {}, "payload").durable());
        }
    }

    /// A source's stream says whose it is, and which consumer reads it.
    static metrics::Labels labels_of(const std::string& stream) {
        metrics::Labels labels{{"stream", stream}};
        for (const auto source : sources()) {
            if (stream != source.stream()) continue;
            labels["source"] = source.name();
            labels["consumer"] = source.durable();
        }
        return labels;
    }

    double gauge(const char* name, const char* stream) {
        return metrics.gauge(name, "", labels_of(stream)).Value();
    }

    bool await_messages(const char* stream, double messages) {
        return await([&] { return gauge("stream_messages", stream) == messages; });
    }

    double lost(const char* stream) {
        return metrics.counter("stream_lost_messages_total", "", labels_of(stream)).Value();
    }

    void api(const std::string& call) {
        EXPECT_EQ(
            events::test::jetstream_api(server.url(), "$JS.API." + call).value("success", false),
            true);
    }

    NatsServer server;
    nats::test::Client client{server.url()};
    std::shared_ptr<LogLines> lines = std::make_shared<LogLines>();
    metrics::Registry metrics;
    metrics::Registry metrics_of_load;
    std::optional<StreamMonitor> monitor;

    void watch() {
        monitor.emplace(client.connection, 20ms,
                        events::test::make_log(lines, logging::Level::error), metrics);
    }
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
    auto unbounded = nats::event_stream(kFacebook, kSmall);
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

TEST_F(StreamMonitorOfServer, CountsWhatWentWithADeletedStream) {
    make_streams();
    watch();
    publish("events.facebook", 7);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 7));
    api("STREAM.DELETE.EVENTS_FACEBOOK");
    ASSERT_TRUE(await([&] { return lost("EVENTS_FACEBOOK") == 7; }));
    make_streams();
    publish("events.facebook", 2);
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 2));
    EXPECT_EQ(lost("EVENTS_FACEBOOK"), 7);
    EXPECT_EQ(lost("EVENTS_TIKTOK"), 0);
    EXPECT_TRUE(lines->has("messages went from a stream"));
    EXPECT_EQ(lines->text().find("messages went"), lines->text().rfind("messages went"));
}

TEST_F(StreamMonitorOfServer, CountsWhatWentWithAStreamThatWasMadeAnew) {
    make_streams();
    watch();
    publish("events.tiktok", 5);
    publish("dead.gateway", 3);
    ASSERT_TRUE(await_messages("EVENTS_TIKTOK", 5));
    ASSERT_TRUE(await_messages("EVENTS_DEAD", 3));
    api("STREAM.DELETE.EVENTS_TIKTOK");
    api("STREAM.DELETE.EVENTS_DEAD");
    make_streams();
    EXPECT_TRUE(await([&] { return lost("EVENTS_TIKTOK") == 5; }));
    EXPECT_TRUE(await([&] { return lost("EVENTS_DEAD") == 3; }));
}

TEST_F(StreamMonitorOfServer, CountsWhatWasPurgedBeforeACollectorHadIt) {
    make_streams();
    client.jetstream.ensure_consumer(nats::event_consumer(kFacebook, kSmall));
    publish("events.facebook", 20);
    {
        nats::PullConsumer collector{client.connection,
                                     {.stream = "EVENTS_FACEBOOK", .durable = "fb-collector"},
                                     [] {},
                                     nats::test::make_log()};
        collector.set_window(5);
        for (int i = 0; i < 5; ++i) {
            auto delivery = collector.next(kPatience);
            ASSERT_TRUE(delivery);
            delivery->ack();
        }
    }
    ASSERT_TRUE(
        await([&] { return nats::test::messages_in(client.jetstream, "EVENTS_FACEBOOK") == 15; }));
    const auto delivered =
        client.jetstream.consumer_info("EVENTS_FACEBOOK", "fb-collector")->delivered_to;
    watch();
    ASSERT_TRUE(await_messages("EVENTS_FACEBOOK", 15));
    api("STREAM.PURGE.EVENTS_FACEBOOK");
    EXPECT_TRUE(
        await([&] { return lost("EVENTS_FACEBOOK") == 20 - static_cast<double>(delivered); }));
    publish("dead.gateway", 1);
    ASSERT_TRUE(await_messages("EVENTS_DEAD", 1));
    api("STREAM.PURGE.EVENTS_DEAD");  // an operator is done with them
    ASSERT_TRUE(await_messages("EVENTS_DEAD", 0));
    EXPECT_EQ(lost("EVENTS_DEAD"), 0);
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
    EXPECT_EQ(lost("EVENTS_FACEBOOK"), 0);  // it is the same stream
}

}  // namespace
}  // namespace events::gateway
