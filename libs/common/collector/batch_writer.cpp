#include "common/collector/batch_writer.hpp"

#include "common/clock/comparison.hpp"
#include "common/postgres/error.hpp"
#include "common/postgres/migrations.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kFirstRetry = 100ms;
constexpr auto kLastRetry = 5s;

/// How often a batch is halved to find what somebody's rule refuses; finding one among 10,000 takes
/// 14. Where it refuses everything, more would only be more failed transactions.
constexpr std::size_t kSplits = 64;

/// A request's messages come one after the other, so looking at the last one is nearly enough.
void note(std::string_view id, std::vector<std::string>& seen) {
    if (!id.empty() && (seen.empty() || seen.back() != id)) seen.emplace_back(id);
}

}  // namespace

BatchWriter::BatchWriter(const CollectorOptions& options, nats::Publisher& dead_letters,
                         EventStore& store, health::Indicator& database, Handoff& handoff,
                         Probe& probe)
    : options_{options},
      letters_{options, dead_letters, probe},
      store_{store},
      database_{database},
      handoff_{handoff},
      probe_{probe},
      slow_store_{options.slow_store, options.look_why_slow, [this](std::string_view why) {
                      database_.down(
                          fmt::format("{}: {}", postgres::headline(postgres::Cause::standby), why));
                      probe_.database_down(postgres::Cause::standby, why);
                  }} {}

bool BatchWriter::prepare_store(const Prepare& prepare, const std::stop_token& stop) {
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        try {
            prepare(stop);
            database_answered();
            return true;
        } catch (const postgres::MigrationPending& pending) {
            database_.down(pending.what());
            probe_.migration_pending(pending.what());
            if (!retry::pause(backoff.next(), stop)) return false;
        } catch (const postgres::Unavailable& error) {
            if (stop.stop_requested()) return false;
            database_failed(error);
            if (!retry::pause(backoff.next(), stop)) return false;
        }
    }
}

void BatchWriter::write(Batch& batch, const std::stop_token& stop) {
    const auto started = SteadyClock::now();
    last_heartbeat_ = started;
    splits_left_ = kSplits;
    probe_.accepted(batch.figures.events);
    const bool finished = letters_.write_rejected(batch, waiting(batch, stop)) &&
                          store_or_split(batch, 0, batch.events.size(), stop);
    if (finished) {
        settle(batch);
        report(batch, started);
    } else {
        batch.give_back(probe_);
    }
    handoff_.resume();
}

void BatchWriter::report(Batch& batch, SteadyClock::time_point started) {
    const auto* broker_clock = options_.broker_clock;
    const auto committed = broker_clock != nullptr ? broker_clock->their_time() : clock::now();
    std::vector<std::string> correlation_ids;
    std::vector<std::string> trace_ids;
    for (const auto& item : batch.items) {
        note(item->envelope.correlation_id, correlation_ids);
        note(item->envelope.trace.trace_id(), trace_ids);
    }
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
        if (!batch.origins[i].stored) continue;
        probe_.visible(batch.events[i].envelope->received_at, committed);
    }
    batch.figures.duration = SteadyClock::now() - started;
    probe_.batch_done(batch.figures, correlation_ids, trace_ids);
}

bool BatchWriter::store_or_split(Batch& batch, std::size_t first, std::size_t count,
                                 const std::stop_token& stop) {
    retry::Backoff backoff{kFirstRetry, kLastRetry};
    for (;;) {
        keep_in_progress(batch);
        // At each attempt: a batch may wait for days.
        const auto too_old = letters_.write_too_old(batch, first, count, waiting(batch, stop));
        if (!too_old) return false;
        first += *too_old;
        count -= *too_old;
        if (count == 0) return true;
        const auto events = std::span{batch.events}.subspan(first, count);
        const bool one_day = std::ranges::all_of(events, [&](const StorableEvent& event) {
            return day_of(event) == day_of(events.front());
        });
        if (!refused_days_.empty() && !one_day) return store_by_day(batch, first, count, stop);
        const bool has_room = refused_days_.messages() < options_.max_parked;
        if (has_room && refused_days_.is_closed(day_of(events.front()), SteadyClock::now())) {
            park(batch, first, count);
            return true;
        }
        try {
            store_now(batch, first, count);
            return true;
        } catch (const postgres::ContentRefused& refused) {
            database_answered();
            if (count > 1) return store_halves(batch, first, count, stop);
            return letters_.write_refused(batch, first, refused.what(), waiting(batch, stop));
        } catch (const postgres::Refused& error) {
            if (!one_day) return store_by_day(batch, first, count, stop);
            refused(day_of(events.front()), error);
            if (count > 1 && splits_left_ > 0) {
                --splits_left_;
                return store_halves(batch, first, count, stop);
            }
            if (has_room) {
                park(batch, first, count);
                return true;
            }
            // It is kept in hand, and with it all that comes behind.
            if (!wait_out(batch, backoff.next(), stop)) return false;
        } catch (const postgres::TookTooLong& slow) {
            // The same again would take as long again: it is never given up, only made smaller.
            if (count > 1 && !stop.stop_requested()) {
                probe_.took_too_long(count, slow.what());
                return store_halves(batch, first, count, stop);
            }
            database_failed(slow);
            if (!wait_out(batch, backoff.next(), stop)) return false;
        } catch (const std::exception& error) {
            // Unavailable, or something nobody foresaw: either way the events are good, so they
            // are kept and tried again. Safe to repeat: a row that is there is not inserted twice.
            database_failed(error);
            if (!wait_out(batch, backoff.next(), stop)) return false;
        }
    }
}

void BatchWriter::store_now(Batch& batch, std::size_t first, std::size_t count) {
    const auto started = SteadyClock::now();
    const auto events = std::span{batch.events}.subspan(first, count);
    std::size_t inserted = 0;
    {
        const SlowStoreWatch::Guard guard{slow_store_};
        inserted = store_.store(events);
    }
    static_cast<void>(slow_store_.take());
    if (!refused_days_.empty()) {
        for (const auto& event : events) refused_days_.stored(day_of(event));
    }
    database_answered();
    const auto erased = store_.erased();
    probe_.stored(count - erased, inserted, SteadyClock::now() - started);
    if (erased > 0) probe_.erased(erased);
    batch.figures.stored += inserted;
    batch.figures.erased += erased;
    batch.figures.duplicates += count - inserted - erased;
    for (auto i = first; i < first + count; ++i) batch.origins[i].stored = true;
}

bool BatchWriter::store_halves(Batch& batch, std::size_t first, std::size_t count,
                               const std::stop_token& stop) {
    const auto half = count / 2;
    return store_or_split(batch, first, half, stop) &&
           store_or_split(batch, first + half, count - half, stop);
}

bool BatchWriter::store_by_day(Batch& batch, std::size_t first, std::size_t count,
                               const std::stop_token& stop) {
    sort_by_day(batch, first, count);
    const auto end = first + count;
    while (first < end) {
        auto next = first + 1;
        while (next < end && day_of(batch.events[next]) == day_of(batch.events[first])) ++next;
        if (!store_or_split(batch, first, next - first, stop)) return false;
        first = next;
    }
    return true;
}

void BatchWriter::park(Batch& batch, std::size_t first, std::size_t count) {
    const auto opens_at = refused_days_.opens_at(day_of(batch.events[first]));
    for (auto i = first; i < first + count; ++i) {
        auto& item = *batch.origins[i].item;
        ++item.parked;
        item.retry_at = std::max(item.retry_at, opens_at);
    }
    batch.figures.parked += count;
}

void BatchWriter::settle(Batch& batch) {
    const auto now = SteadyClock::now();
    for (const auto& item : batch.whole_messages()) {
        const auto message = item->delivery.metadata().stream_sequence;
        if (item->parked == 0) {
            item->delivery.ack();
            refused_days_.unpark(message);
        } else {
            refused_days_.park(message, item->parked, item->retry_at);
            item->delivery.nak(std::max<std::chrono::nanoseconds>(item->retry_at - now, 1ms));
        }
    }
    if (refused_days_.settle()) probe_.nothing_refused();
    database_answered();
}

DeadLetterWriter::Wait BatchWriter::waiting(Batch& batch, const std::stop_token& stop) {
    return [&](std::chrono::milliseconds delay) { return wait_out(batch, delay, stop); };
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
    batch.keep_in_progress();
}

void BatchWriter::database_answered() {
    last_contact_ = SteadyClock::now();
    refused_days_.forget_lost(last_contact_);
    probe_.parked(refused_days_.events());
    if (!refused_days_.empty()) {
        database_.down(refused_days_.describe());
        return;
    }
    if (database_.is_up()) return;
    database_.up();
    probe_.database_up();
}

void BatchWriter::database_failed(const std::exception& error) {
    last_contact_ = SteadyClock::now();
    // A commit that waited is cut in the end, and tells no more than that.
    if (const auto standby = slow_store_.take(); !standby.empty()) {
        probe_.database_down(postgres::Cause::standby, standby);
        return;
    }
    const auto* unavailable = dynamic_cast<const postgres::Unavailable*>(&error);
    database_.down(postgres::readiness_of(error));
    probe_.database_down(unavailable != nullptr ? unavailable->cause() : postgres::Cause::failed,
                         error.what());
}

void BatchWriter::refused(RefusedDays::Day day, const postgres::Refused& error) {
    last_contact_ = SteadyClock::now();
    const auto known = refused_days_.opens_at(day);
    const auto opens_at = refused_days_.refuse(day, postgres::readiness_of(error), last_contact_);
    database_.down(refused_days_.describe());
    // Once an attempt, however often it is halved.
    if (opens_at != known) probe_.refused(to_string(day), error.cause(), error.what());
}

void BatchWriter::ping_when_idle() {
    if (SteadyClock::now() - last_contact_ < options_.ping_interval) return;
    try {
        store_.ping();
        database_answered();
    } catch (const std::exception& error) {
        database_failed(error);
    }
}

}  // namespace events::collector
