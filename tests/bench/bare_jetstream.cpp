#include "bare_jetstream.hpp"

#include "common/events/message_encoding.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "integration/nats/client.hpp"
#include "publisher/event_generator.hpp"

#include <fmt/format.h>

#include <atomic>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using ConnectionHandle =
    std::unique_ptr<natsConnection, nats::DestroyWith<&natsConnection_Destroy>>;

constexpr auto kSource = kFacebook;
constexpr std::ptrdiff_t kUnacknowledged = 256;
constexpr std::uint64_t kPullBatch = 256;

/// NDJSON of events of one source, as the gateway packs them.
std::string make_payload(std::size_t events) {
    publisher::EventGenerator generator{
        {.min_events = 100, .max_events = 100, .invalid_ratio = 0, .count = 0}};
    std::string payload;
    for (std::size_t packed = 0; packed < events;) {
        const auto batch = generator.next_batch().value();
        for (std::size_t i = 0; i < batch.events() && packed < events; ++i) {
            if (!batch.event_id(i).starts_with("fb-")) continue;
            append_line(payload, batch.event(i));
            ++packed;
        }
    }
    return payload;
}

ConnectionHandle connect(const std::string& url) {
    natsOptions* raw_options = nullptr;
    nats::check(natsOptions_Create(&raw_options), "natsOptions_Create");
    const nats::OptionsHandle options{raw_options};
    nats::check(natsOptions_SetURL(raw_options, url.c_str()), "natsOptions_SetURL");
    natsConnection* connection = nullptr;
    nats::check(natsConnection_Connect(&connection, raw_options), "natsConnection_Connect");
    return ConnectionHandle{connection};
}

std::string_view data_of(natsMsg* message) {
    return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
}

/// Lets so many publishes be unacknowledged at a time.
struct Window {
    std::counting_semaphore<kUnacknowledged> free{kUnacknowledged};
    std::atomic<int> refused{0};

    static void acknowledged(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) {
        const nats::MessageHandle message{raw};
        auto& window = *static_cast<Window*>(closure);
        if (data_of(raw).find("\"error\"") != std::string_view::npos) ++window.refused;
        window.free.release();
    }
};

}  // namespace

BareJetStream::BareJetStream(const test::NatsServer& server, std::size_t events_per_message)
    : server_{server}, events_{events_per_message}, payload_{make_payload(events_per_message)} {
    nats::test::Client client{server.url()};
    if (!client.connection.wait_connected(10s)) throw std::runtime_error{"no NATS"};
    client.jetstream.ensure_stream(nats::event_stream(kSource, {}));
    client.jetstream.ensure_consumer(nats::event_consumer(kSource, {}));
}

CpuTimes BareJetStream::cpu_times() const {
    return {{"nats-server", cpu_time(server_.pid())}, {"client", cpu_time_of_this_process()}};
}

BareRun BareJetStream::publish(std::uint64_t messages) {
    Window window;
    const auto connection = connect(server_.url());
    const auto inbox = nats::make_inbox();
    natsSubscription* raw = nullptr;
    nats::check(natsConnection_Subscribe(&raw, connection.get(), inbox.c_str(),
                                         &Window::acknowledged, &window),
                "natsConnection_Subscribe");
    const nats::SubscriptionHandle subscription{raw};

    const auto cpu = cpu_times();
    const auto begin = Clock::now();
    for (std::uint64_t sent = 0; sent < messages; ++sent) {
        window.free.acquire();
        nats::check(
            natsConnection_PublishRequest(connection.get(), kSource.subject(), inbox.c_str(),
                                          payload_.data(), static_cast<int>(payload_.size())),
            "natsConnection_PublishRequest");
    }
    for (std::ptrdiff_t i = 0; i < kUnacknowledged; ++i) window.free.acquire();
    const std::chrono::duration<double> took = Clock::now() - begin;
    if (window.refused > 0) throw std::runtime_error{"the stream refused messages"};
    return {messages * events_, took.count(), spent(cpu, cpu_times())};
}

BareRun BareJetStream::pull(std::uint64_t messages) {
    const auto connection = connect(server_.url());
    const auto inbox = nats::make_inbox();
    natsSubscription* raw = nullptr;
    nats::check(natsConnection_SubscribeSync(&raw, connection.get(), inbox.c_str()),
                "natsConnection_SubscribeSync");
    const nats::SubscriptionHandle subscription{raw};
    const auto subject =
        fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", kSource.stream(), kSource.durable());
    const auto request = fmt::format(R"({{"batch":{},"expires":30000000000}})", kPullBatch);

    const auto cpu = cpu_times();
    const auto begin = Clock::now();
    std::uint64_t requested = 0;
    for (std::uint64_t received = 0; received < messages; ++received) {
        // One batch is taken while the next is on its way.
        for (; requested < received + 2 * kPullBatch; requested += kPullBatch) {
            nats::check(natsConnection_PublishRequestString(connection.get(), subject.c_str(),
                                                            inbox.c_str(), request.c_str()),
                        "natsConnection_PublishRequestString");
        }
        natsMsg* taken = nullptr;
        nats::check(natsSubscription_NextMsg(&taken, raw, 5'000), "natsSubscription_NextMsg");
        const nats::MessageHandle message{taken};
        const char* reply = natsMsg_GetReply(taken);
        if (reply == nullptr) throw std::runtime_error{"a status instead of a message"};
        nats::check(natsConnection_PublishString(connection.get(), reply, "+ACK"),
                    "natsConnection_PublishString");
    }
    nats::check(natsConnection_FlushTimeout(connection.get(), 5'000),
                "natsConnection_FlushTimeout");
    const std::chrono::duration<double> took = Clock::now() - begin;
    return {messages * events_, took.count(), spent(cpu, cpu_times())};
}

}  // namespace events::bench
