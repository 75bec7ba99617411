#include "common/collector/collector.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/error.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// How soon stop() is noticed while nothing arrives.
constexpr auto kIdleWait = 200ms;
constexpr auto kFirstRetry = 100ms;
constexpr auto kLastRetry = 5s;
/// Bounds what may be prefetched; the adapted window stays between them.
constexpr std::size_t kMinWindow = 4;
constexpr std::size_t kMaxWindow = 512;

Timestamp now_utc() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

/// How many events a message holds: its header, or a count of its lines where there is none.
std::size_t count_events(const nats::Delivery& delivery) {
    std::size_t count = 0;
    if (const auto header = delivery.header(nats::headers::kEventCount)) {
        std::from_chars(header->data(), header->data() + header->size(), count);
    }
    if (count == 0) {
        const auto payload = delivery.payload();
        count = 1 + static_cast<std::size_t>(std::ranges::count(payload, '\n'));
    }
    return count;
}

Envelope envelope_of(const nats::Delivery& delivery) {
    Envelope envelope{
        .correlation_id = std::string{delivery.header(nats::headers::kCorrelationId).value_or("")},
        .received_at =
            std::chrono::time_point_cast<std::chrono::microseconds>(delivery.metadata().stored_at)};
    if (const auto text = delivery.header(nats::headers::kReceivedAt)) {
        if (const auto time = parse_timestamp(*text)) envelope.received_at = *time;
    }
    return envelope;
}

std::string padded_copy(std::string_view text) {
    std::string copy;
    copy.reserve(text.size() + kPadding);
    copy = text;
    return copy;
}

}  // namespace

Collector::Collector(CollectorOptions options, nats::PullConsumer& consumer,
                     nats::Publisher& dead_letters, EventStore& store, health::Indicator& database,
                     Probe& probe, std::function<void()> prepare,
                     std::function<void(std::string_view)> failed)
    : options_{options},
      consumer_{consumer},
      dead_letters_{dead_letters},
      store_{store},
      database_{database},
      probe_{probe},
      prepare_{std::move(prepare)},
      failed_{std::move(failed)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Collector::~Collector() {
    stop();
}

void Collector::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Collector::run(const std::stop_token& stop) {
    try {
        if (!prepare_store(stop)) return;
        consumer_.set_window(kMinWindow);
        while (!stop.stop_requested()) {
            auto batch = gather(stop);
            if (batch.items.empty()) {
                ping_when_idle();
                continue;
            }
            process(batch, stop);
            adapt_window(batch);
        }
        if (carried_) carried_->nak(0ns);
        carried_.reset();
        consumer_.release();
    } catch (const std::exception& error) {
        failed_(error.what());
    }
}

bool Collector::prepare_store(const std::stop_token& stop) {
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        try {
            prepare_();
            database_answered();
            return true;
        } catch (const postgres::Unavailable& error) {
            database_failed(error.what());
            if (!retry::pause(backoff.next(), stop)) return false;
        }
    }
}

Collector::Batch Collector::gather(const std::stop_token& stop) {
    Batch batch;
    auto deadline = SteadyClock::now() + kIdleWait;
    while (!stop.stop_requested() && batch.expected < options_.batch_size) {
        auto delivery = std::exchange(carried_, std::nullopt);
        if (!delivery) {
            const auto left = deadline - SteadyClock::now();
            delivery = consumer_.next(std::max(std::chrono::ceil<std::chrono::milliseconds>(left),
                                               std::chrono::milliseconds{0}));
        }
        if (!delivery) break;
        const auto events = count_events(*delivery);
        if (!batch.items.empty() && batch.expected + events > options_.batch_size) {
            carried_ = std::move(delivery);
            break;
        }
        if (batch.items.empty()) deadline = SteadyClock::now() + options_.batch_wait;
        batch.expected += events;
        auto envelope = envelope_of(*delivery);
        auto payload = padded_copy(delivery->payload());
        batch.items.push_back({std::move(*delivery), std::move(envelope), std::move(payload)});
    }
    batch.figures.messages = batch.items.size();
    return batch;
}

void Collector::adapt_window(const Batch& batch) {
    // Two batches' worth of messages: one in hand, one on its way.
    const auto per_message = std::max<std::size_t>(1, batch.expected / batch.items.size());
    consumer_.set_window(std::clamp(2 * options_.batch_size / per_message, kMinWindow, kMaxWindow));
}

void Collector::process(Batch& batch, const std::stop_token& stop) {
    const auto started = SteadyClock::now();
    last_heartbeat_ = started;
    const bool finished =
        decode(batch, stop) && store_or_split(batch, 0, batch.events.size(), stop);
    if (!finished) {
        for (auto& item : batch.items) item.delivery.nak(0ns);
        probe_.given_back(batch.items.size());
        return;
    }
    for (auto& item : batch.items) item.delivery.ack();

    const auto committed = now_utc();
    std::vector<std::string> correlation_ids;
    for (const auto& item : batch.items) {
        if (correlation_ids.empty() || correlation_ids.back() != item.envelope.correlation_id) {
            correlation_ids.push_back(item.envelope.correlation_id);
        }
    }
    for (const auto& stored : batch.events) probe_.visible(stored.envelope->received_at, committed);
    batch.figures.duration = SteadyClock::now() - started;
    probe_.batch_done(batch.figures, correlation_ids);
}

bool Collector::decode(Batch& batch, const std::stop_token& stop) {
    batch.events.reserve(batch.expected);
    batch.origins.reserve(batch.expected);
    bool going_on = true;
    for (const auto& item : batch.items) {
        std::size_t events = 0;
        for_each_line(item.payload, [&](std::string_view line) {
            ++events;
            if (!going_on) return;
            const Origin origin{&item, line};
            // No clock here: what was plausible at the gateway stays so, however late it arrives.
            auto event = parser_.parse_event(line, batch.texts);
            if (!event) {
                going_on = dead_letter(batch, origin, event.error(), stop);
            } else if (event->type->source != options_.source) {
                const Rejection why{RejectionCode::unknown_value, "source",
                                    "the event is in another source's stream",
                                    std::string{event->event_id}};
                going_on = dead_letter(batch, origin, why, stop);
            } else {
                batch.events.push_back({*event, &item.envelope});
                batch.origins.push_back(origin);
            }
        });
        probe_.accepted(events);
        batch.figures.events += events;
    }
    return going_on;
}

bool Collector::store_or_split(Batch& batch, std::size_t first, std::size_t count,
                               const std::stop_token& stop) {
    if (count == 0) return true;
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        const auto started = SteadyClock::now();
        try {
            const auto inserted = store_.store(std::span{batch.events}.subspan(first, count));
            database_answered();
            probe_.stored(count, inserted, SteadyClock::now() - started);
            batch.figures.stored += inserted;
            batch.figures.duplicates += count - inserted;
            return true;
        } catch (const postgres::ContentRefused& refused) {
            database_answered();
            if (count == 1) {
                const Rejection why{RejectionCode::refused_by_database, "", refused.what(),
                                    std::string{batch.events[first].event.event_id}};
                return dead_letter(batch, batch.origins[first], why, stop);
            }
            const auto half = count / 2;
            return store_or_split(batch, first, half, stop) &&
                   store_or_split(batch, first + half, count - half, stop);
        } catch (const std::exception& error) {
            // Unavailable, or something nobody foresaw: either way the events are good, so they
            // are kept and tried again. Safe to repeat: a row that is there is not inserted twice.
            database_failed(error.what());
            if (!wait_out(batch, backoff.next(), stop)) return false;
        }
    }
}

bool Collector::dead_letter(Batch& batch, const Origin& origin, const Rejection& why,
                            const std::stop_token& stop) {
    const auto sequence = std::to_string(origin.item->delivery.metadata().stream_sequence);
    const nats::DeadLetter letter{.subject = nats::dead_letter_subject_of(options_.source),
                                  .raw = origin.raw,
                                  .code = to_string(why.code),
                                  .reason = why.message,
                                  .path = why.path,
                                  .correlation_id = origin.item->envelope.correlation_id,
                                  .discriminator = sequence};
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        const auto outcome = dead_letters_.publish(
            letter.subject, nats::headers_of(letter, std::chrono::system_clock::now()),
            nats::payload_of(letter));
        if (outcome.durable()) break;
        probe_.dead_letters_unreachable(outcome.error);
        if (!wait_out(batch, backoff.next(), stop)) return false;
    }
    ++batch.figures.dead_letters;
    probe_.dead_lettered(why.code, why.event_id.value_or(""), letter.correlation_id, why.message);
    return true;
}

bool Collector::wait_out(Batch& batch, std::chrono::milliseconds delay,
                         const std::stop_token& stop) {
    // Others may be able to store what we only prefetched.
    if (carried_) carried_->nak(0ns);
    carried_.reset();
    consumer_.release();
    keep_in_progress(batch);
    return retry::pause(delay, stop);
}

void Collector::keep_in_progress(Batch& batch) {
    const auto now = SteadyClock::now();
    if (now - last_heartbeat_ < options_.ack_wait / 4) return;
    last_heartbeat_ = now;
    for (auto& item : batch.items) item.delivery.in_progress();
}

void Collector::database_answered() {
    last_contact_ = SteadyClock::now();
    if (database_.is_up()) return;
    database_.up();
    probe_.database_up();
}

void Collector::database_failed(std::string_view why) {
    last_contact_ = SteadyClock::now();
    database_.down("does not answer");
    probe_.database_down(why);
}

void Collector::ping_when_idle() {
    if (SteadyClock::now() - last_contact_ < options_.ping_interval) return;
    try {
        store_.ping();
        database_answered();
    } catch (const std::exception& error) {
        database_failed(error.what());
    }
}

}  // namespace events::collector
