#include "common/nats/jetstream.hpp"

#include "common/nats/api_request.hpp"
#include "common/nats/error.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"
#include "support/ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <latch>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::kPatience;
using events::test::NatsServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kDaemons = 8;

class JetStreamOfServer : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(client.connection.wait_connected(kPatience)); }

    NatsServer server;
    Client client{server.url()};
};

TEST(Provisioning, WorksFromManyProcessesAtOnce) {
    const NatsServer server;
    const TopologyOptions options{.stream_max_bytes = 64 << 20, .dead_letter_max_bytes = 8 << 20};
    std::latch ready{kDaemons};
    std::atomic<int> succeeded{0};
    {
        std::vector<std::jthread> daemons;
        for (int i = 0; i < kDaemons; ++i) {
            daemons.emplace_back([&] {
                Client client{server.url()};
                const bool connected = client.connection.wait_connected(kPatience);
                ready.arrive_and_wait();
                if (!connected) return;
                EXPECT_NO_THROW({
                    for (const auto source : {kFacebook, kTikTok}) {
                        client.jetstream.ensure_stream(event_stream(source, options));
                        client.jetstream.ensure_consumer(event_consumer(source, options));
                    }
                    client.jetstream.ensure_stream(dead_letter_stream(options));
                    ++succeeded;
                });
            });
        }
    }
    EXPECT_EQ(succeeded.load(), kDaemons);

    Client client{server.url()};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    EXPECT_TRUE(client.jetstream.consumer_info("EVENTS_FACEBOOK", "fb-collector"));
    EXPECT_TRUE(client.jetstream.consumer_info("EVENTS_TIKTOK", "ttk-collector"));
    EXPECT_EQ(client.jetstream.stream_info("EVENTS_DEAD")->max_bytes, 8 << 20);
}

TEST_F(JetStreamOfServer, SaysLoudlyWhatItHasToMakeAgain) {
    std::ostringstream lines;
    const auto output = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    JetStream jetstream{client.connection, logging::Logger{"test", {}, output}};
    const ConsumerConfig consumer{.stream = "WORK", .durable = "worker"};
    const auto ensure = [&] {
        jetstream.ensure_stream(work_queue());
        jetstream.ensure_consumer(consumer);
        return std::exchange(lines, {}).str();
    };
    EXPECT_THAT(ensure(), AllOf(HasSubstr("stream WORK"), HasSubstr("consumer WORK.worker"),
                                Not(HasSubstr("deleted"))));
    EXPECT_EQ(ensure(), "");
    (void)ask(client.connection, "$JS.API.STREAM.DELETE.WORK", "");
    EXPECT_THAT(ensure(), AllOf(HasSubstr(R"("level":50)"), HasSubstr("somebody deleted it"),
                                HasSubstr("stream WORK"), HasSubstr("consumer WORK.worker")));
}

TEST_F(JetStreamOfServer, UpdatesWhatMayBeChanged) {
    client.jetstream.ensure_stream(work_queue(1 << 20));
    client.jetstream.ensure_stream(work_queue(2 << 20));
    EXPECT_EQ(client.jetstream.stream_info("WORK")->max_bytes, 2 << 20);

    ConsumerConfig consumer{.stream = "WORK", .durable = "worker"};
    client.jetstream.ensure_consumer(consumer);
    consumer.ack_wait = std::chrono::seconds{5};
    consumer.max_ack_pending = 17;
    client.jetstream.ensure_consumer(consumer);
    client.jetstream.ensure_consumer(consumer);
    EXPECT_TRUE(client.jetstream.consumer_info("WORK", "worker"));
}

TEST_F(JetStreamOfServer, ManyProcessesMayChangeAStreamAtOnce) {
    client.jetstream.ensure_stream(work_queue(1 << 20));
    std::atomic<int> succeeded{0};
    {
        std::vector<std::jthread> daemons;
        for (int i = 0; i < kDaemons; ++i) {
            daemons.emplace_back([&] {
                Client daemon{server.url()};
                if (!daemon.connection.wait_connected(kPatience)) return;
                EXPECT_NO_THROW({
                    daemon.jetstream.ensure_stream(work_queue(3 << 20));
                    ++succeeded;
                });
            });
        }
    }
    EXPECT_EQ(succeeded.load(), kDaemons);
    EXPECT_EQ(client.jetstream.stream_info("WORK")->max_bytes, 3 << 20);
}

std::string unfit(JetStream& jetstream, const StreamConfig& config) {
    try {
        jetstream.ensure_stream(config);
    } catch (const UnfitStream& error) {
        return error.what();
    }
    return "it is fit";
}

TEST_F(JetStreamOfServer, SaysWhichSettingCanNotBeChanged) {
    client.jetstream.ensure_stream(work_queue());
    auto changed = work_queue();
    changed.retention = Retention::limits;
    EXPECT_THAT(unfit(client.jetstream, changed),
                HasSubstr(R"(stream WORK: retention is "workqueue" instead of "limits")"));
}

TEST_F(JetStreamOfServer, SaysWhyAChangeIsRefused) {
    client.jetstream.ensure_stream(work_queue());
    EXPECT_THAT(unfit(client.jetstream, work_queue(std::int64_t{1} << 50)),
                AllOf(HasSubstr("update stream WORK"),
                      HasSubstr("max_bytes is 67108864 instead of 1125899906842624"),
                      HasSubstr("insufficient storage")));
}

TEST_F(JetStreamOfServer, SaysWhichStreamHasTheSubject) {
    for (const auto* subject : {"work", "*"}) {
        (void)ask(client.connection, "$JS.API.STREAM.DELETE.OTHER", "");
        (void)ask(client.connection, "$JS.API.STREAM.CREATE.OTHER",
                  nlohmann::json{{"name", "OTHER"}, {"subjects", {subject}}}.dump());
        EXPECT_THAT(unfit(client.jetstream, work_queue()),
                    AllOf(HasSubstr("stream OTHER has subjects of work"), HasSubstr("delete it")));
    }
}

TEST_F(JetStreamOfServer, LeavesTheBoundsOfAStreamThatIsThereWhereAskedTo) {
    client.jetstream.ensure_stream(work_queue(1 << 20), Bounds::leave);
    EXPECT_EQ(client.jetstream.stream_info("WORK")->max_bytes, 1 << 20);
    client.jetstream.ensure_stream(work_queue(2 << 20), Bounds::leave);
    EXPECT_EQ(client.jetstream.stream_info("WORK")->max_bytes, 1 << 20);
}

TEST_F(JetStreamOfServer, ChangesBackWhatWouldDropOrRefuseMessages) {
    client.jetstream.ensure_stream(work_queue());
    const auto config = [&] {
        return ask(client.connection, "$JS.API.STREAM.INFO.WORK", "").at("config");
    };
    const auto ours = config();
    const std::vector<nlohmann::json> changes{
        {{"max_age", 600'000'000'000}},
        {{"max_msgs", 3}},
        {{"max_msgs_per_subject", 3}},
        {{"max_msg_size", 10}},
        {{"discard", "old"}},
        {{"no_ack", true}},
        {{"max_msgs_per_subject", 3}, {"discard_new_per_subject", true}},
        {{"subjects", {"other"}}}};
    for (const auto& change : changes) {
        auto changed = ours;
        changed.update(change);
        const auto answer = ask(client.connection, "$JS.API.STREAM.UPDATE.WORK", changed.dump());
        ASSERT_EQ(error_code(answer), 0) << change << answer;
        ASSERT_NE(config(), ours) << change;
        client.jetstream.ensure_stream(work_queue(), Bounds::leave);
        EXPECT_EQ(config(), ours) << change;
    }
}

TEST_F(JetStreamOfServer, RefusesMoreReplicasThanThereAreServers) {
    auto config = work_queue();
    config.replicas = 3;
    EXPECT_THROW(client.jetstream.ensure_stream(config), Error);
}

TEST_F(JetStreamOfServer, TellsTheStateOfStreamsAndConsumers) {
    EXPECT_FALSE(client.jetstream.stream_info("WORK"));
    EXPECT_FALSE(client.jetstream.consumer_info("WORK", "worker"));
    client.jetstream.ensure_stream(work_queue());
    EXPECT_FALSE(client.jetstream.consumer_info("WORK", "worker"));
    client.jetstream.ensure_consumer({.stream = "WORK", .durable = "worker"});

    Publisher publisher{client.connection, {}, make_log(), client.metrics};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(publisher.publish("work", {}, "x").durable());

    const auto stream = client.jetstream.stream_info("WORK");
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->messages, 3U);
    EXPECT_GT(stream->bytes, 0U);
    EXPECT_EQ(stream->first_sequence, 1U);
    EXPECT_EQ(stream->last_sequence, 3U);
    const auto consumer = client.jetstream.consumer_info("WORK", "worker");
    ASSERT_TRUE(consumer);
    EXPECT_EQ(consumer->pending, 3U);
    EXPECT_EQ(consumer->unacknowledged, 0U);
}

TEST_F(JetStreamOfServer, RefusesAConsumerOfAMissingStream) {
    EXPECT_THROW(client.jetstream.ensure_consumer({.stream = "NO", .durable = "worker"}), Error);
}

TEST(JetStreamWithoutServer, IsAnError) {
    Client client{"nats://127.0.0.1:" + std::to_string(events::test::free_port())};
    EXPECT_THROW(client.jetstream.ensure_stream(work_queue()), Error);
    EXPECT_THROW(static_cast<void>(client.jetstream.stream_info("WORK")), Error);
}

}  // namespace
}  // namespace events::nats::test
