#include "gateway/ingest.hpp"

#include "common/events/time.hpp"
#include "common/http/problem.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "gateway/answer.hpp"
#include "gateway/gunzip.hpp"
#include "gateway/packing.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace events::gateway {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kLatestAhead = 24h;
/// Until its size is known, a chunked body counts as this much.
constexpr std::uint64_t kUnknownSize = 1 << 20;
/// Up to here a body is parsed on the server's own thread: that takes less than handing it to
/// another one and back, and holds the others up for a few tenths of a millisecond at most.
constexpr std::size_t kSmallBody = std::size_t{64} << 10;

/// Carries the outcomes from the publisher's thread to the coroutine that waits for them.
using OutcomeChannel =
    asio::experimental::concurrent_channel<void(boost::system::error_code, nats::PublishOutcomes)>;

/// What one message of the request's batch holds: events of a source, or one dead letter.
struct Sent {
    std::size_t events = 0;
    Source source{};
    const RejectedEvent* dead_letter = nullptr;
};

/// A request's messages on their way: `sent[i]` tells what the batch's i-th outcome is about.
struct Transmission {
    std::vector<Sent> sent;
    std::shared_ptr<OutcomeChannel> outcomes;
};

/// What is the same for each message of a request.
struct Shipment {
    nats::Publisher& publisher;
    const std::string& correlation_id;
    std::chrono::system_clock::time_point received;
    std::size_t events_per_message;
    Patience patience;

    /// Keeps what waits to be written small, where that may take its time.
    void wait_for_room() const {
        if (patience == Patience::may_wait) publisher.wait_for_room();
    }
};

void send_events(nats::Publisher::Batch& batch, const ParsedBody& body, const Shipment& shipment,
                 std::vector<Sent>& sent) {
    const auto received_at = format_timestamp(
        std::chrono::time_point_cast<std::chrono::microseconds>(shipment.received));
    pack(body.accepted, shipment.events_per_message, [&](const PackedMessage& message) {
        const std::array fields{
            nats::HeaderField{nats::headers::kMessageId, nats::message_id({message.payload})},
            nats::HeaderField{nats::headers::kCorrelationId, shipment.correlation_id},
            nats::HeaderField{nats::headers::kEventCount, std::to_string(message.events)},
            nats::HeaderField{nats::headers::kReceivedAt, received_at},
        };
        shipment.wait_for_room();
        sent.push_back({message.events, message.source, nullptr});
        batch.add(nats::subject_of(message.source), fields, message.payload);
    });
}

void send_dead_letter(nats::Publisher::Batch& batch, const RejectedEvent& event,
                      const std::string& correlation_id) {
    const auto place = std::to_string(event.index);
    const nats::DeadLetter letter{.subject = nats::kDeadLetterOfGateway,
                                  .raw = event.json,
                                  .code = to_string(event.why.code),
                                  .reason = event.why.message,
                                  .path = event.why.path,
                                  .correlation_id = correlation_id,
                                  .discriminator = place};
    batch.add(letter.subject, nats::headers_of(letter, std::chrono::system_clock::now()),
              nats::payload_of(letter));
}

/// A body of which nothing can be used is kept like an invalid event (cut where it is large).
RejectedEvent malformed(const std::string& body, const MalformedBody& why) {
    return {.index = 0,
            .json = body,
            .why = {RejectionCode::malformed_body, "", why.message, std::nullopt},
            .source = std::nullopt};
}

/// Hands everything to the publisher.
Transmission transmit(const ParsedBody& body, const Shipment& shipment,
                      asio::any_io_executor executor) {
    Transmission transmission{.sent = {},
                              .outcomes = std::make_shared<OutcomeChannel>(std::move(executor), 1)};
    auto batch =
        shipment.publisher.start([channel = transmission.outcomes](nats::PublishOutcomes outcomes) {
            channel->try_send(boost::system::error_code{}, std::move(outcomes));
        });
    send_events(batch, body, shipment, transmission.sent);
    for (const auto& event : body.rejected) {
        transmission.sent.push_back({0, {}, &event});
        shipment.wait_for_room();
        send_dead_letter(batch, event, shipment.correlation_id);
    }
    batch.finish();
    return transmission;
}

/// What the acknowledgements say of the whole request.
struct Verdict {
    std::uint64_t saved = 0;
    bool all_durable = true;
    bool stream_missing = false;
    std::string why;  ///< of the first message that is not durable
};

Verdict judge(const std::vector<Sent>& sent, const nats::PublishOutcomes& outcomes, Probe& probe) {
    Verdict verdict;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto& [events, source, dead_letter] = sent[i];
        const auto& outcome = outcomes.at(i);
        if (outcome.durable()) {
            verdict.saved += events;
            if (dead_letter != nullptr) {
                probe.dead_lettered(dead_letter->source, dead_letter->why.code);
            } else {
                probe.processed(source, events);
            }
            continue;
        }
        if (verdict.all_durable) verdict.why = outcome.error;
        verdict.all_durable = false;
        verdict.stream_missing |= outcome.code == nats::kNoResponders;
        if (dead_letter != nullptr) continue;
        if (outcome.status == nats::PublishStatus::refused) {
            probe.refused(source, events);
        } else {
            probe.unreachable(source, events);
        }
    }
    return verdict;
}

void count(const ParsedBody& body, Probe& probe) {
    std::array<std::uint64_t, kSources.size()> events{};
    for (const auto& event : body.accepted) ++events[static_cast<std::size_t>(event.source)];
    for (const auto& [name, source] : kSources) {
        if (const auto n = events[static_cast<std::size_t>(source)]; n > 0) {
            probe.accepted(source, n);
        }
    }
    for (const auto& event : body.rejected) {
        probe.accepted(event.source, 1);
        probe.rejected(event.source, event.why.code);
    }
}

/// A parser for each thread: it keeps its buffers between requests.
Parser& thread_parser() {
    thread_local Parser parser;
    return parser;
}

}  // namespace

Ingest::Ingest(IngestOptions options, nats::Publisher& publisher, const health::Registry& health,
               InFlight& in_flight, Probe& probe, std::function<void()> on_missing_stream)
    : options_{options},
      publisher_{publisher},
      health_{health},
      in_flight_{in_flight},
      probe_{probe},
      on_missing_stream_{std::move(on_missing_stream)},
      workers_{options.worker_threads} {}

Ingest::~Ingest() {
    workers_.join();
}

Expected<std::shared_ptr<void>, http::Response> Ingest::admit(const http::RequestHead& head) {
    using Refusal = Unexpected<http::Response>;
    if (const auto content = content_of(head); !content) {
        return Refusal{http::problem(415, content.error(), head.correlation_id)};
    }
    if (health_.is_draining()) {
        return Refusal{not_stored("The gateway is shutting down.", head.correlation_id, {})};
    }
    auto permit = in_flight_.enter(head.content_length.value_or(kUnknownSize));
    if (!permit) {
        return Refusal{not_stored("Too much is in flight already.", head.correlation_id, {})};
    }
    return std::shared_ptr<void>{std::move(permit)};
}

asio::awaitable<http::Response> Ingest::handle(http::Request& request) {
    const auto content = content_of(request);
    const bool small = !content->gzip && request.body.size() <= kSmallBody;
    if (small && publisher_.has_room()) {
        co_return co_await store(request, *content, Patience::never_waits);
    }
    co_return co_await asio::co_spawn(workers_, store(request, *content, Patience::may_wait),
                                      asio::use_awaitable);
}

asio::awaitable<http::Response> Ingest::store(http::Request& request, Content content,
                                              Patience patience) {
    const auto started = std::chrono::steady_clock::now();
    const auto received = std::chrono::system_clock::now();
    const auto permit = std::static_pointer_cast<InFlight::Permit>(request.permit);
    permit->grow_to(request.body.size());

    if (content.gzip) {
        auto inflated = gunzip(request.body, options_.max_body_bytes);
        if (!inflated && inflated.error() == GunzipError::too_large) {
            co_return http::problem(413, "The body is too large after gunzip.",
                                    request.correlation_id);
        }
        if (!inflated) {
            co_return http::problem(400, "The body is not gzip.", request.correlation_id);
        }
        request.body = std::move(*inflated);
        permit->grow_to(request.body.size());
    }

    const auto latest =
        std::chrono::time_point_cast<std::chrono::microseconds>(received + kLatestAhead);
    auto parsed = thread_parser().parse_body(request.body, content.format, latest);
    const auto body =
        parsed ? std::move(*parsed) : ParsedBody{{}, {malformed(request.body, parsed.error())}};
    if (parsed) count(body, probe_);
    permit->hold_events(body.accepted.size() + body.rejected.size());

    const auto executor = co_await asio::this_coro::executor;
    const auto transmission = transmit(body,
                                       {.publisher = publisher_,
                                        .correlation_id = request.correlation_id,
                                        .received = received,
                                        .events_per_message = options_.events_per_message,
                                        .patience = patience},
                                       executor);
    const auto outcomes = co_await transmission.outcomes->async_receive(asio::use_awaitable);
    const auto verdict = judge(transmission.sent, outcomes, probe_);
    if (!parsed) {
        probe_.body_malformed(request.correlation_id, parsed.error().message);
        co_return http::problem(400, parsed.error().message, request.correlation_id);
    }

    const Summary summary{.saved = verdict.saved,
                          .failed = body.rejected.size(),
                          .bytes = request.body.size(),
                          .duration = std::chrono::steady_clock::now() - started};
    const Tally tally{summary.saved, summary.failed};
    if (verdict.stream_missing) on_missing_stream_();
    if (!verdict.all_durable) {
        probe_.request_not_stored(request.correlation_id, summary, verdict.why);
        co_return not_stored("Not every event could be stored; repeat the whole request.",
                             request.correlation_id, tally);
    }
    probe_.request_done(request.correlation_id, summary);
    co_return created(tally, body.rejected);
}

}  // namespace events::gateway
