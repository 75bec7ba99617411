#pragma once

#include "common/collector/batch.hpp"
#include "common/collector/dead_letter_writer.hpp"
#include "common/collector/handoff.hpp"
#include "common/collector/options.hpp"
#include "common/collector/refused_days.hpp"
#include "common/collector/slow_store_watch.hpp"
#include "common/health/registry.hpp"
#include "common/nats/publisher.hpp"
#include "common/postgres/error.hpp"

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <stop_token>

namespace events::collector {

/// Stores batches and acknowledges them: each event is in the database or in the dead letters when
/// its message is acknowledged.
///
/// While the database or the broker is away a batch is tried again and again, its messages are kept
/// in progress, and the reader is held. Where the database is there and refuses, each day is tried
/// alone: what is refused waits in the stream (RefusedDays) until the database takes it, and the
/// rest is stored; of a day of which some events are refused these are found by halving. One
/// thread.
class BatchWriter {
  public:
    BatchWriter(const CollectorOptions& options, nats::Publisher& dead_letters, EventStore& store,
                health::Indicator& database, Handoff& handoff, Probe& probe);

    /// Gets the database ready; it should end soon once the token says so.
    using Prepare = std::function<void(const std::stop_token&)>;

    /// Calls `prepare` until it succeeds, again while it throws postgres::Unavailable. False when
    /// `stop` came first.
    [[nodiscard]] bool prepare_store(const Prepare& prepare, const std::stop_token& stop);

    /// Returns when the batch is acknowledged, or given back to the stream because of `stop`.
    void write(Batch& batch, const std::stop_token& stop);

    /// Asks the database for a sign of life, if none was seen for a while.
    void ping_when_idle();

  private:
    // Each of these is false when it gave up because of `stop`.
    bool store_or_split(Batch& batch, std::size_t first, std::size_t count,
                        const std::stop_token& stop);
    bool store_halves(Batch& batch, std::size_t first, std::size_t count,
                      const std::stop_token& stop);
    bool store_by_day(Batch& batch, std::size_t first, std::size_t count,
                      const std::stop_token& stop);
    bool wait_out(Batch& batch, std::chrono::milliseconds delay, const std::stop_token& stop);

    [[nodiscard]] DeadLetterWriter::Wait waiting(Batch& batch, const std::stop_token& stop);
    /// Stores, without what may fail.
    void store_now(Batch& batch, std::size_t first, std::size_t count);
    /// Has the events of one day wait in the stream.
    void park(Batch& batch, std::size_t first, std::size_t count);
    void settle(Batch& batch);
    void report(Batch& batch, std::chrono::steady_clock::time_point started);
    void keep_in_progress(Batch& batch);
    void database_answered();
    void database_failed(const std::exception& error);
    void refused(RefusedDays::Day day, const postgres::Refused& error);

    CollectorOptions options_;
    DeadLetterWriter letters_;
    EventStore& store_;
    health::Indicator& database_;
    Handoff& handoff_;
    Probe& probe_;
    RefusedDays refused_days_;
    std::size_t splits_left_ = 0;  ///< of the batch in hand, to find what is refused
    SlowStoreWatch slow_store_;
    std::chrono::steady_clock::time_point last_contact_{};    ///< with the database
    std::chrono::steady_clock::time_point last_heartbeat_{};  ///< of the batch in hand
};

}  // namespace events::collector
