#include "common/collector/batch_writer.hpp"

#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/error.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kFirstRetry = 100ms;
constexpr auto kLastRetry = 5s;

Timestamp now_utc() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

/// A request's messages come one after the other, so looking at the last one is nearly enough.
void note(std::string_view id, std::vector<std::string>& seen) {
    if (!id.empty() && (seen.empty() || seen.back() != id)) seen.emplace_back(id);
}

}  // namespace

BatchWriter::BatchWriter(const CollectorOptions& options, nats::Publisher& dead_letters,
                         EventStore& store, health::Indicator& database, Handoff& handoff,
                         Probe& probe)
    : options_{options},
      dead_letters_{dead_letters},
      store_{store},
      database_{database},
      handoff_{handoff},
      probe_{probe} {}

bool BatchWriter::prepare_store(const std::function<void()>& prepare, const std::stop_token& stop) {
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        try {
            prepare();
            database_answered();
            return true;
        } catch (const postgres::Unavailable& error) {
            database_failed(error.what());
            if (!retry::pause(backoff.next(), stop)) return false;
        }
    }
}

void BatchWriter::write(Batch& batch, const std::stop_token& stop) {
    const auto started = SteadyClock::now();
    last_heartbeat_ = started;
    probe_.accepted(batch.figures.events);
    const bool finished =
        dead_letter_rejected(batch, stop) && store_or_split(batch, 0, batch.events.size(), stop);
    if (finished) {
        for (auto& item : batch.items) item.delivery.ack();
        report(batch, started);
    } else {
        batch.give_back(probe_);
    }
    handoff_.resume();
}

void BatchWriter::report(Batch& batch, SteadyClock::time_point started) {
    const auto committed = now_utc();
    std::vector<std::string> correlation_ids;
    std::vector<std::string> trace_ids;
    for (const auto& item : batch.items) {
        note(item.envelope.correlation_id, correlation_ids);
        note(item.envelope.trace.trace_id(), trace_ids);
    }
    for (const auto& stored : batch.events) probe_.visible(stored.envelope->received_at, committed);
    batch.figures.duration = SteadyClock::now() - started;
    probe_.batch_done(batch.figures, correlation_ids, trace_ids);
}

bool BatchWriter::dead_letter_rejected(Batch& batch, const std::stop_token& stop) {
    for (const auto& rejected : batch.rejected) {
        if (!dead_letter(batch, rejected, stop)) return false;
    }
    return true;
}

bool BatchWriter::store_or_split(Batch& batch, std::size_t first, std::size_t count,
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
                const Rejected culprit{batch.origins[first],
                                       {RejectionCode::refused_by_database, "", refused.what(),
                                        std::string{batch.events[first].event.event_id}}};
                return dead_letter(batch, culprit, stop);
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

bool BatchWriter::dead_letter(Batch& batch, const Rejected& rejected, const std::stop_token& stop) {
    const auto& [origin, why] = rejected;
    const auto sequence = std::to_string(origin.item->delivery.metadata().stream_sequence);
    nats::DeadLetter letter{.subject = nats::dead_letter_subject_of(options_.source),
                            .raw = origin.raw,
                            .code = to_string(why.code),
                            .reason = why.message,
                            .path = why.path,
                            .correlation_id = origin.item->envelope.correlation_id,
                            .traceparent = origin.item->envelope.trace.traceparent(),
                            .discriminator = sequence,
                            .received_at = origin.item->envelope.received_at};
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        letter.max_payload = dead_letters_.max_payload();  // another broker's, after a reconnect
        const auto fields = nats::headers_of(letter, std::chrono::system_clock::now());
        const auto outcome =
            dead_letters_.publish(letter.subject, fields, nats::payload_of(letter, fields));
        if (outcome.durable()) break;
        probe_.dead_letters_unreachable(outcome.error);
        if (outcome.stream_missing()) make_dead_letters();
        if (!wait_out(batch, backoff.next(), stop)) return false;
    }
    ++batch.figures.dead_letters;
    probe_.dead_lettered(why.code, why.event_id.value_or(""), origin.item->envelope.ids(),
                         why.message);
    return true;
}

void BatchWriter::make_dead_letters() {
    if (!options_.make_dead_letters) return;
    try {
        options_.make_dead_letters();
    } catch (const std::exception& error) {
        probe_.dead_letters_unreachable(error.what());
    }
}

bool BatchWriter::wait_out(Batch& batch, std::chrono::milliseconds delay,
                           const std::stop_token& stop) {
    // Others may be able to store what the reader has already.
    handoff_.hold();
    const auto end = SteadyClock::now() + delay;
    for (auto now = SteadyClock::now(); now < end; now = SteadyClock::now()) {
        keep_in_progress(batch);
        const auto next = std::min(end, last_heartbeat_ + options_.ack_wait / 4);
        if (!retry::pause(next - now, stop)) return false;
    }
    return !stop.stop_requested();
}

void BatchWriter::keep_in_progress(Batch& batch) {
    const auto now = SteadyClock::now();
    if (now - last_heartbeat_ < options_.ack_wait / 4) return;
    last_heartbeat_ = now;
    for (auto& item : batch.items) item.delivery.in_progress();
}

void BatchWriter::database_answered() {
    last_contact_ = SteadyClock::now();
    if (database_.is_up()) return;
    database_.up();
    probe_.database_up();
}

void BatchWriter::database_failed(std::string_view why) {
    last_contact_ = SteadyClock::now();
    database_.down("does not answer");
    probe_.database_down(why);
}

void BatchWriter::ping_when_idle() {
    if (SteadyClock::now() - last_contact_ < options_.ping_interval) return;
    try {
        store_.ping();
        database_answered();
    } catch (const std::exception& error) {
        database_failed(error.what());
    }
}

}  // namespace events::collector
