#include "common/nats/publisher.hpp"

#include "common/nats/api_request.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/streams.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/tiktok.hpp"
#include "integration/nats/client.hpp"
#include "support/await.hpp"
#include "support/nats_server.hpp"
#include "support/tcp_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::kPatience;
using events::test::NatsServer;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// Counts how often a batch's callback ran and keeps what it got.
struct Outcome {
    std::atomic<int> calls{0};
    std::promise<PublishOutcomes> promise;
    std::future<PublishOutcomes> future = promise.get_future();

    static auto of(const std::shared_ptr<Outcome>& self) {
        return [self](PublishOutcomes outcomes) {
            if (++self->calls == 1) self->promise.set_value(std::move(outcomes));
        };
    }
    bool ready() { return future.wait_for(kPatience) == std::future_status::ready; }
};

struct Stored {
    std::string payload;
    std::string reason;
};

/// A message of the stream as the server has it.
Stored stored(const Connection& connection, std::uint64_t sequence) {
    jsCtx* raw_context = nullptr;
    check(natsConnection_JetStream(&raw_context, connection.native().get(), nullptr), "JetStream");
    const std::unique_ptr<jsCtx, DestroyWith<&jsCtx_Destroy>> context{raw_context};
    natsMsg* raw = nullptr;
    check(js_GetMsg(&raw, raw_context, "WORK", sequence, nullptr, nullptr), "js_GetMsg");
    const MessageHandle message{raw};
    const char* reason = nullptr;
    if (natsMsgHeader_Get(raw, headers::kReason, &reason) != NATS_OK) reason = "";
    return {.payload = {natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
            .reason = reason};
}

class PublisherToServer : public ::testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(client.connection.wait_connected(kPatience));
        client.jetstream.ensure_stream(work_queue());
    }

    PublishOutcome publish_with_id(const std::string& id) {
        const std::array headers{HeaderField{headers::kMessageId, id}};
        return publisher.publish("work", headers, "x");
    }

    NatsServer server;
    Client client{server.url()};
    Publisher publisher{
        client.connection, {.ack_timeout = std::chrono::seconds{30}}, make_log(), client.metrics};
};

TEST_F(PublisherToServer, MapsEachAnswerToItsMessage) {
    // The middle one goes nowhere, the last one is too large for the server.
    const std::string too_large(2 << 20, 'x');
    const auto outcome = std::make_shared<Outcome>();
    auto batch = publisher.start(Outcome::of(outcome));
    batch.add("work", {}, "first");
    batch.add("nobody.listens", {}, "second");
    batch.add("work", {}, "third");
    batch.add("work", {}, too_large);
    batch.finish();
    ASSERT_TRUE(outcome->ready());
    const auto all = outcome->future.get();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].status, PublishStatus::stored);
    EXPECT_EQ(all[1].status, PublishStatus::refused);
    EXPECT_EQ(all[1].code, 503);
    EXPECT_EQ(all[2].status, PublishStatus::stored);
    EXPECT_EQ(all[3].status, PublishStatus::refused);
    EXPECT_EQ(outcome->calls.load(), 1);
    EXPECT_EQ(client.jetstream.stream_info("WORK")->messages, 2U);
}

// A burst waited, up to a second, for the broker's answer to the flush of the one before.
TEST_F(PublisherToServer, WritesOverALongLinkWhileEarlierMessagesAreNotAnswered) {
    constexpr auto kOneWay = milliseconds{400};
    constexpr int kAttempts = 20;  // of which one that nothing else holds up is enough
    events::test::TcpProxy link{server.port()};
    Client far{"nats://127.0.0.1:" + std::to_string(link.port())};
    ASSERT_TRUE(far.connection.wait_connected(kPatience));
    Publisher over_link{
        far.connection, {.ack_timeout = std::chrono::seconds{60}}, make_log(), far.metrics};
    ASSERT_TRUE(over_link.publish("work", {}, "near").durable());
    link.set(events::test::ProxyMode::delay, kOneWay);

    const auto send = [&] {
        auto outcome = std::make_shared<Outcome>();
        auto batch = over_link.start(Outcome::of(outcome));
        batch.add("work", {}, "far");
        batch.finish();
        return outcome;
    };
    bool seen = false;
    for (int attempt = 0; attempt < kAttempts && !seen; ++attempt) {
        const auto before = client.jetstream.stream_info("WORK")->messages;
        const auto first = send();
        std::this_thread::sleep_for(milliseconds{50});  // else both are one burst
        const auto second = send();
        ASSERT_TRUE(
            await([&] { return client.jetstream.stream_info("WORK")->messages == before + 2; }));
        seen = first->calls.load() == 0;
        ASSERT_TRUE(first->ready() && second->ready());
    }
    EXPECT_TRUE(seen);
}

TEST_F(PublisherToServer, StoresMessagesInTheOrderOfTheirBatch) {
    const auto outcome = std::make_shared<Outcome>();
    auto batch = publisher.start(Outcome::of(outcome));
    constexpr int kMessages = 2'000;
    for (int i = 0; i < kMessages; ++i) batch.add("work", {}, std::to_string(i));
    batch.finish();
    ASSERT_TRUE(outcome->ready());
    const auto all = outcome->future.get();
    EXPECT_TRUE(std::ranges::all_of(all, &PublishOutcome::durable));
    for (const int sequence : {1, 2, 999, kMessages}) {
        EXPECT_EQ(stored(client.connection, static_cast<std::uint64_t>(sequence)).payload,
                  std::to_string(sequence - 1));
    }
}

TEST_F(PublisherToServer, FinishesAnEmptyBatchAtOnce) {
    const auto outcome = std::make_shared<Outcome>();
    publisher.start(Outcome::of(outcome)).finish();
    EXPECT_EQ(outcome->calls.load(), 1);
    EXPECT_TRUE(outcome->future.get().empty());
}

TEST_F(PublisherToServer, FinishesABatchThatIsDropped) {
    const auto outcome = std::make_shared<Outcome>();
    publisher.start(Outcome::of(outcome)).add("work", {}, "x");
    ASSERT_TRUE(outcome->ready());
    EXPECT_TRUE(outcome->future.get().at(0).durable());
}

TEST_F(PublisherToServer, KnowsADuplicateByItsId) {
    EXPECT_EQ(publish_with_id("a").status, PublishStatus::stored);
    EXPECT_EQ(publish_with_id("a").status, PublishStatus::duplicate);
    EXPECT_EQ(publish_with_id("b").status, PublishStatus::stored);
    EXPECT_EQ(client.jetstream.stream_info("WORK")->messages, 2U);
}

TEST_F(PublisherToServer, SaysThatAFullStreamRefused) {
    client.jetstream.ensure_stream(work_queue(64 << 10));
    const std::string payload(20 << 10, 'x');
    PublishOutcome last;
    for (int i = 0; i < 4; ++i) last = publisher.publish("work", {}, payload);
    EXPECT_EQ(last.status, PublishStatus::refused);
    EXPECT_EQ(last.code, 10077);
    EXPECT_EQ(last.error, "maximum bytes exceeded");
}

/// Streams as a daemon has them, and a publisher that asks them.
class PublisherToOurStreams : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(client.connection.wait_connected(kPatience)); }

    PublishOutcome publish() { return publisher.publish("events.tiktok", {}, "x"); }

    NatsServer server;
    Client client{server.url()};
    Streams streams{client.connection,
                    client.jetstream,
                    {event_stream(kTikTok, {.stream_max_bytes = 64 << 20})},
                    client.indicator,
                    make_log(),
                    client.metrics};
    Publisher publisher{client.connection,
                        {.ack_timeout = std::chrono::seconds{30}, .streams = &streams},
                        make_log(),
                        client.metrics};
};

TEST_F(PublisherToOurStreams, SendsNothingBeforeTheyWereLookedAt) {
    EXPECT_EQ(publish().code, kUnfitStream);
    streams.ensure();
    EXPECT_EQ(publish().status, PublishStatus::stored);
    EXPECT_EQ(client.jetstream.stream_info("EVENTS_TIKTOK")->messages, 1U);
}

TEST_F(PublisherToOurStreams, LooksAnewAfterEachConnection) {
    streams.ensure();
    ASSERT_EQ(publish().status, PublishStatus::stored);
    const auto generation = client.connection.generation();
    server.restart();
    ASSERT_TRUE(await_another(client.connection, generation));
    EXPECT_FALSE(publish().durable());
    ASSERT_TRUE(await([&] {
        try {
            streams.ensure();
            return true;
        } catch (const Error&) {  // the server is not ready yet
            return false;
        }
    }));
    EXPECT_TRUE(await([&] { return publish().durable(); }));
}

TEST_F(PublisherToOurStreams, BelievesNoOtherStream) {
    streams.ensure();
    (void)ask(client.connection, "$JS.API.STREAM.DELETE.EVENTS_TIKTOK", "");
    (void)ask(client.connection, "$JS.API.STREAM.CREATE.OTHER",
              R"({"name":"OTHER","subjects":["events.tiktok"]})");
    const auto outcome = publish();
    EXPECT_FALSE(outcome.durable());
    EXPECT_EQ(outcome.code, kForeignStream);
    EXPECT_TRUE(outcome.stream_missing());
    EXPECT_THROW(streams.ensure(), UnfitStream);
    EXPECT_EQ(publish().code, kUnfitStream);
    EXPECT_EQ(client.jetstream.stream_info("OTHER")->messages, 1U);  // the first one only
    EXPECT_THAT(client.indicator.fault(), HasSubstr("OTHER"));
}

TEST_F(PublisherToOurStreams, TakesOneWhoseBoundsCanNotBeChangedAsItIs) {
    streams.ensure();
    Streams greedy{client.connection,
                   client.jetstream,
                   {event_stream(kTikTok, {.stream_max_bytes = std::int64_t{1} << 50})},
                   client.indicator,
                   make_log(),
                   client.metrics};
    EXPECT_NO_THROW(greedy.ensure());
    EXPECT_EQ(greedy.refusal("EVENTS_TIKTOK", client.connection.generation()), "");
    EXPECT_EQ(client.jetstream.stream_info("EVENTS_TIKTOK")->max_bytes, 64 << 20);
}

TEST_F(PublisherToOurStreams, BelievesNoneThatCameInThePlaceOfOurs) {
    // Messages of one that drops what nobody waits for were taken for stored until the next look.
    streams.ensure();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(publish().durable());
    (void)ask(client.connection, "$JS.API.STREAM.DELETE.EVENTS_TIKTOK", "");
    (void)ask(client.connection, "$JS.API.STREAM.CREATE.EVENTS_TIKTOK",
              R"({"name":"EVENTS_TIKTOK","subjects":["events.tiktok"],"retention":"interest"})");
    const auto first = publish();
    EXPECT_FALSE(first.durable());
    EXPECT_TRUE(first.stream_missing());
    EXPECT_FALSE(publish().durable());
    EXPECT_THROW(streams.ensure(), UnfitStream);
    EXPECT_FALSE(publish().durable());
    (void)ask(client.connection, "$JS.API.STREAM.DELETE.EVENTS_TIKTOK", "");
    streams.ensure();
    EXPECT_TRUE(publish().durable());
    EXPECT_TRUE(publish().durable());
}

TEST(PublisherToAServerOfSmallMessages, KnowsWhatItTakesAlsoOfTheNextOne) {
    NatsServer server{{.extra = "max_payload: 4096"}};
    Client client{server.url()};
    ASSERT_TRUE(client.connection.wait_connected(kPatience));
    client.jetstream.ensure_stream(work_queue());
    Publisher publisher{client.connection, {}, make_log(), client.metrics};
    EXPECT_EQ(publisher.max_payload(), 4'096U);
    const std::array headers{HeaderField{headers::kMessageId, "abc"},
                             HeaderField{headers::kTraceparent, ""}};
    const std::string fits(4'096 - header_bytes(headers), 'x');
    EXPECT_EQ(publisher.publish("work", headers, fits).status, PublishStatus::stored);
    const auto outcome = publisher.publish("work", headers, fits + "x");
    EXPECT_EQ(outcome.status, PublishStatus::refused);
    EXPECT_EQ(outcome.code, kMaxPayload);

    const auto generation = client.connection.generation();
    server.configure("max_payload: 2048");
    server.restart();
    ASSERT_TRUE(await_another(client.connection, generation));
    EXPECT_EQ(publisher.max_payload(), 2'048U);
}

TEST_F(PublisherToServer, ReplacesLineBreaksInHeaders) {
    const std::array headers{HeaderField{headers::kReason, "two\r\nlines: x"}};
    ASSERT_TRUE(publisher.publish("work", headers, "x").durable());
    EXPECT_EQ(stored(client.connection, 1).reason, "two  lines: x");
}

TEST_F(PublisherToServer, FailsAtOnceWithoutAServer) {
    server.kill();
    ASSERT_TRUE(await([&] { return !client.connection.connected(); }));
    const auto outcome = publisher.publish("work", {}, "x");
    EXPECT_EQ(outcome.status, PublishStatus::unreachable);
    EXPECT_EQ(outcome.error, "not connected");
}

TEST_F(PublisherToServer, GivesUpOnAServerThatHangs) {
    Publisher impatient{
        client.connection, {.ack_timeout = milliseconds{500}}, make_log(), client.metrics};
    server.freeze();
    const auto outcome = impatient.publish("work", {}, "x");
    server.resume();
    EXPECT_EQ(outcome.status, PublishStatus::unreachable);
    EXPECT_EQ(outcome.error, "no acknowledgement in time");
}

TEST_F(PublisherToServer, WorksAgainAfterARestartOfTheServer) {
    ASSERT_TRUE(publisher.publish("work", {}, "before").durable());
    server.restart();
    ASSERT_TRUE(await([&] { return publisher.publish("work", {}, "after").durable(); }));
    EXPECT_GE(client.jetstream.stream_info("WORK")->messages, 2U);
}

// cnats gives a connection up for good when its credentials are refused; its inbox goes with it.
TEST_F(PublisherToServer, WorksAgainOnANewConnection) {
    ASSERT_TRUE(publisher.publish("work", {}, "before").durable());
    const auto first = client.connection.native();
    server.configure(R"(authorization { user: "ann", password: "secret" })");
    server.restart();
    ASSERT_TRUE(await([&] { return natsConnection_IsClosed(first.get()); }));
    server.configure("");
    server.restart();
    EXPECT_TRUE(await([&] { return publisher.publish("work", {}, "after").durable(); }));
}

// Each message has its own outcome, and "stored" is never said of what is not.
TEST_F(PublisherToServer, TellsTheTruthWhenTheServerIsKilledDuringABatch) {
    constexpr int kMessages = 400;
    const std::string payload(8 << 10, 'x');
    const auto generation = client.connection.generation();
    const auto outcome = std::make_shared<Outcome>();
    std::jthread killer;
    {
        auto batch = publisher.start(Outcome::of(outcome));
        for (int i = 0; i < kMessages; ++i) {
            batch.add("work", {}, payload);
            if (i == kMessages / 2) killer = std::jthread{[&] { server.kill(); }};
        }
        batch.finish();
    }
    ASSERT_TRUE(outcome->ready());
    killer.join();
    const auto all = outcome->future.get();
    ASSERT_EQ(all.size(), static_cast<std::size_t>(kMessages));
    const auto durable =
        static_cast<std::uint64_t>(std::ranges::count_if(all, &PublishOutcome::durable));
    for (const auto& one : all) {
        EXPECT_TRUE(one.durable() || one.status == PublishStatus::unreachable);
        EXPECT_EQ(one.durable(), one.error.empty());
    }
    EXPECT_FALSE(publisher.publish("work", {}, "down").durable());

    server.start();
    ASSERT_TRUE(await_another(client.connection, generation));
    EXPECT_GE(client.jetstream.stream_info("WORK")->messages, durable);
    EXPECT_EQ(outcome->calls.load(), 1);
}

TEST_F(PublisherToServer, ServesManyThreadsAtOnce) {
    constexpr int kThreads = 4;
    constexpr int kBatches = 50;
    std::atomic<int> durable{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < kBatches; ++i) {
                    const auto outcome = std::make_shared<Outcome>();
                    auto batch = publisher.start(Outcome::of(outcome));
                    for (int m = 0; m < 5; ++m) batch.add("work", {}, "x");
                    batch.finish();
                    if (!outcome->ready()) return;
                    const auto all = outcome->future.get();
                    durable +=
                        static_cast<int>(std::ranges::count_if(all, &PublishOutcome::durable));
                }
            });
        }
    }
    EXPECT_EQ(durable.load(), kThreads * kBatches * 5);
    EXPECT_THAT(client.metrics.text(), HasSubstr("jetstream_publish_seconds_count 200"));
}

TEST_F(PublisherToServer, GivesUpWhatIsPendingWhenItEnds) {
    const auto finished = std::make_shared<Outcome>();
    const auto open = std::make_shared<Outcome>();
    server.freeze();
    auto local = std::make_unique<Publisher>(client.connection, Publisher::Options{}, make_log(),
                                             client.metrics);
    auto batch = local->start(Outcome::of(finished));
    batch.add("work", {}, "x");
    batch.finish();
    auto unfinished = local->start(Outcome::of(open));
    unfinished.add("work", {}, "x");
    local.reset();
    server.resume();
    EXPECT_EQ(finished->calls.load(), 1);
    EXPECT_EQ(finished->future.get().at(0).status, PublishStatus::unreachable);

    unfinished.add("work", {}, "too late");
    unfinished.finish();
    EXPECT_EQ(open->calls.load(), 1);
    EXPECT_EQ(open->future.get().at(1).status, PublishStatus::unreachable);
}

}  // namespace
}  // namespace events::nats::test
