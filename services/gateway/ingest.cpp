#include "gateway/ingest.hpp"

#include "common/clock/comparison.hpp"
#include "common/http/problem.hpp"
#include "common/http/run_on.hpp"
#include "gateway/answer.hpp"
#include "gateway/fitting.hpp"
#include "gateway/inflate.hpp"
#include "gateway/shipment.hpp"

#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace events::gateway {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Until its size is known, a chunked body counts as this much.
constexpr std::uint64_t kUnknownSize = 1 << 20;
/// Up to here a body is parsed on the server's own thread: that takes less than handing it to
/// another one and back, and holds the others up for a few tenths of a millisecond at most.
constexpr std::size_t kSmallBody = std::size_t{64} << 10;
/// Threads that wait for the disk: a file system syncs several files for little more than one.
constexpr std::size_t kSpoolers = 4;

/// Carries the outcomes from the publisher's thread to the coroutine that waits for them.
using OutcomeChannel =
    asio::experimental::concurrent_channel<void(boost::system::error_code, nats::PublishOutcomes)>;

/// A request's messages on their way: `cargo[i]` tells what the batch's i-th outcome is about.
struct Transmission {
    std::vector<Cargo> cargo;
    std::shared_ptr<OutcomeChannel> outcomes;
};

/// A body of which nothing can be used is kept like an invalid event (cut where it is large).
RejectedEvent malformed(const std::string& body, const MalformedBody& why) {
    return {.index = 0,
            .json = body,
            .why = {RejectionCode::malformed_body, "", why.message, std::nullopt},
            .source = std::nullopt};
}

/// Hands everything to the publisher.
Transmission transmit(const Shipment& shipment, nats::Publisher& publisher, Patience patience,
                      const asio::any_io_executor& executor) {
    Transmission transmission{.cargo = {},
                              .outcomes = std::make_shared<OutcomeChannel>(executor, 1)};
    auto batch = publisher.start([channel = transmission.outcomes](nats::PublishOutcomes outcomes) {
        channel->try_send(boost::system::error_code{}, std::move(outcomes));
    });
    shipment.for_each([&](const Message& message) {
        // Keeps what waits to be written small, where that may take its time.
        if (patience == Patience::may_wait) publisher.wait_for_room();
        transmission.cargo.push_back(message.cargo);
        batch.add(message.subject, message.headers, message.payload);
    });
    batch.finish();
    return transmission;
}

/// Counts what is in JetStream now.
void count(Cargo cargo, Probe& probe) {
    if (cargo.dead_letter != nullptr) {
        probe.dead_lettered(cargo.dead_letter->source, cargo.dead_letter->why.code);
    } else {
        probe.processed(*cargo.source, cargo.events);
    }
}

/// Counts what is nowhere but with its sender.
void count_lost(Cargo cargo, const nats::PublishOutcome& outcome, Probe& probe) {
    if (cargo.dead_letter != nullptr) {
        probe.dead_letter_lost(cargo.dead_letter->source, cargo.dead_letter->why.code);
    } else if (outcome.status == nats::PublishStatus::refused) {
        probe.refused(*cargo.source, cargo.events);
    } else {
        probe.unreachable(*cargo.source, cargo.events);
    }
}

/// Whether JetStream may take the message another time, if need be in parts (see fit()).
bool may_be_taken_later(const nats::PublishOutcome& outcome) {
    return outcome.status == nats::PublishStatus::unreachable || outcome.code != 0;
}

void count(const ParsedBody& body, Probe& probe) {
    BySource<std::uint64_t> events;
    for (const auto& event : body.accepted) ++events[event.source];
    for (const auto source : sources()) {
        if (events[source] > 0) probe.accepted(source, events[source]);
    }
    for (const auto& event : body.rejected) {
        probe.accepted(event.source, 1);
        probe.rejected(event.source, event.why.code);
    }
}

http::Response unsupported(const UnsupportedContent& content, std::string_view correlation_id) {
    auto response = http::problem(415, content.detail, correlation_id);
    response.headers.emplace_back(content.header, content.taken);
    return response;
}

/// A parser for each thread: it keeps its buffers between requests.
Parser& thread_parser() {
    thread_local Parser parser;
    return parser;
}

}  // namespace

Ingest::Ingest(IngestOptions options, nats::Publisher& publisher, Spool& spool, Drainer& drainer,
               const health::Registry& health, InFlight& in_flight, Probe& probe,
               std::function<void()> on_missing_stream)
    : options_{options},
      publisher_{publisher},
      spool_{spool},
      drainer_{drainer},
      health_{health},
      in_flight_{in_flight},
      probe_{probe},
      on_missing_stream_{std::move(on_missing_stream)},
      workers_{options.worker_threads},
      spoolers_{kSpoolers} {}

Ingest::~Ingest() {
    workers_.join();
    spoolers_.join();
}

Expected<std::shared_ptr<http::Permit>, http::Response> Ingest::admit(
    const http::RequestHead& head) {
    using Refusal = Unexpected<http::Response>;
    if (const auto content = content_of(head); !content) {
        return Refusal{unsupported(content.error(), head.correlation_id)};
    }
    if (const auto options = read_send_options(head.query); !options) {
        return Refusal{refused(options.error(), head.correlation_id)};
    }
    if (health_.is_draining()) {
        return Refusal{not_stored("The gateway is shutting down.", head.correlation_id, {})};
    }
    auto permit = in_flight_.enter(head.content_length.value_or(kUnknownSize));
    if (!permit) {
        return Refusal{not_stored("Too much is in flight already.", head.correlation_id, {})};
    }
    return std::shared_ptr<http::Permit>{std::move(permit)};
}

asio::awaitable<http::Response> Ingest::handle(http::Request& request) {
    const auto content = content_of(request);
    const bool small = content->coding == Coding::identity && request.body.size() <= kSmallBody;
    if (small && publisher_.has_room()) {
        co_return co_await store(request, *content, Patience::never_waits);
    }
    co_return co_await http::run_on(workers_, store(request, *content, Patience::may_wait));
}

/// Replaces a packed body by what it holds; gives the answer where that can't be.
std::optional<http::Response> Ingest::unpack(http::Request& request, Coding coding,
                                             InFlight::Permit& permit) const {
    if (!permit.grow_to(request.body.size())) return permit.refusal(request);
    if (coding == Coding::identity) return std::nullopt;
    auto inflated = inflate(request.body, coding, options_.max_body_bytes);
    if (!inflated && inflated.error() == InflateError::too_large) {
        return http::problem(413, "The body is too large when it is unpacked.",
                             request.correlation_id);
    }
    if (!inflated) {
        return http::problem(400, "The body is not packed as its Content-Encoding says.",
                             request.correlation_id);
    }
    // Asked before the request has it: a refused body must not outlive this function, which
    // returns to the server only after what waits for a worker already.
    if (!permit.grow_to(inflated->size())) return permit.refusal(request);
    request.body = std::move(*inflated);
    return std::nullopt;
}

asio::awaitable<http::Response> Ingest::store(http::Request& request, Content content,
                                              Patience patience) {
    const auto started = std::chrono::steady_clock::now();
    const auto received = std::chrono::system_clock::now();
    const auto permit = std::static_pointer_cast<InFlight::Permit>(request.permit);
    if (auto refusal = unpack(request, content.coding, *permit)) co_return std::move(*refusal);

    auto parsed = thread_parser().parse_body(request.body, content.format, limits());
    auto body =
        parsed ? std::move(*parsed) : ParsedBody{{}, {malformed(request.body, parsed.error())}};
    const Shipment shipment{.body = body,
                            .correlation_id = request.correlation_id,
                            .traceparent = request.trace.traceparent(),
                            .received = received,
                            .events_per_message = options_.events_per_message,
                            .compress = options_.compress,
                            .max_payload = publisher_.max_payload()};
    reject_too_large(body, shipment.room_for_events(), shipment.max_payload, thread_parser());

    const auto options = read_send_options(request.query).value();  // as admit() read them
    Verdict verdict{.saved = body.accepted.size()};
    if (!options.dry_run) {
        if (parsed) count(body, probe_);
        permit->hold_events(body.accepted.size() + body.rejected.size());
        verdict = co_await deliver(shipment, patience);
    }
    if (!parsed) probe_.body_malformed(request.ids(), parsed.error().message);
    if (!parsed && verdict.why.empty()) {
        co_return http::problem(400, parsed.error().message, request.correlation_id);
    }
    const Summary summary{.saved = verdict.saved,
                          .spooled = verdict.spooled,
                          .failed = body.rejected.size(),
                          .bytes = request.body.size(),
                          .duration = std::chrono::steady_clock::now() - started,
                          .dry_run = options.dry_run};
    const Tally tally{summary.saved, summary.failed, summary.spooled};
    if (!verdict.why.empty()) {
        probe_.request_not_stored(request.ids(), summary, verdict.why);
        co_return not_stored("Not every event could be stored; repeat the whole request.",
                             request.correlation_id, tally);
    }
    probe_.request_done(request.ids(), summary);
    co_return checked(tally, body.rejected, options);
}

/// Where our clock and the broker's differ, an event that either of them allows is valid.
TimeLimits Ingest::limits() const {
    const auto [earlier, later] = std::minmax({clock::now(), options_.broker_clock->their_time()});
    auto limits = retention::limits_at(earlier, options_.retention);
    limits.latest = later + kLatestAhead;
    return limits;
}

asio::awaitable<Ingest::Verdict> Ingest::deliver(const Shipment& shipment, Patience patience) {
    const auto executor = co_await asio::this_coro::executor;
    for (bool hold = drainer_.is_holding();; hold = false) {
        Verdict verdict;
        nats::PublishOutcomes outcomes;
        if (!hold) {
            const auto sent = transmit(shipment, publisher_, patience, executor);
            outcomes = co_await sent.outcomes->async_receive(asio::use_awaitable);
            bool all_durable = true;
            for (std::size_t i = 0; i < outcomes.size(); ++i) {
                if (!outcomes[i].durable()) {
                    all_durable = false;
                    continue;
                }
                count(sent.cargo[i], probe_);
                verdict.saved += sent.cargo[i].events;
                drainer_.taken();
            }
            if (all_durable) co_return verdict;
        }
        // Syncing waits for the disk: not on the server's thread, and not where bodies are parsed.
        verdict = co_await http::run_on(spoolers_, [&, this]() -> asio::awaitable<Verdict> {
            co_return spool(shipment, outcomes, verdict);
        });
        // Nobody is refused whom JetStream, which was away, may take again by now.
        if (!hold || verdict.why.empty()) co_return verdict;
    }
}

Ingest::Verdict Ingest::spool(const Shipment& shipment, const nats::PublishOutcomes& outcomes,
                              Verdict verdict) {
    const nats::PublishOutcome away{.error = "JetStream is away"};
    struct Left {
        Cargo cargo;
        const nats::PublishOutcome* outcome;
    };
    std::vector<Left> waiting;
    std::vector<Left> lost;
    std::optional<Spool::Writer> writer;
    std::string failure;
    const auto safely = [&](const auto& step) {
        if (!failure.empty()) return;
        try {
            step();
        } catch (const std::system_error& error) {
            failure = error.what();
        }
    };
    std::size_t next = 0;
    shipment.for_each([&](const Message& message) {
        const auto& outcome = outcomes.empty() ? away : outcomes.at(next++);
        if (outcome.durable()) return;
        if (!may_be_taken_later(outcome)) return lost.push_back({message.cargo, &outcome});
        waiting.push_back({message.cargo, &outcome});
        safely([&] {
            if (!writer) writer.emplace(spool_.begin());
            writer->add(message.subject, message.headers, message.payload);
        });
    });
    if (writer) safely([&] { writer->commit(); });
    writer.reset();
    if (outcomes.empty() && !failure.empty()) return {.saved = 0, .spooled = 0, .why = failure};

    bool stream_missing = false;
    for (const auto& [cargo, outcome] : waiting) {
        stream_missing |= outcome->stream_missing();
        if (outcome->status == nats::PublishStatus::unreachable) drainer_.hold();
        if (!failure.empty()) {
            if (outcome->status == nats::PublishStatus::refused) drainer_.refused();
            continue;
        }
        verdict.saved += cargo.events;
        verdict.spooled += cargo.events;
        probe_.spooled(cargo);
    }
    if (stream_missing) on_missing_stream_();
    if (!failure.empty()) std::ranges::move(waiting, std::back_inserter(lost));
    for (const auto& [cargo, outcome] : lost) {
        count_lost(cargo, *outcome, probe_);
        verdict.why = outcome->error;
    }
    if (!failure.empty()) verdict.why += ", and the spool: " + failure;
    return verdict;
}

}  // namespace events::gateway
