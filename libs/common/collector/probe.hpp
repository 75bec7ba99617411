#pragma once

#include "common/collector/event_store.hpp"
#include "common/events/rejection.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/postgres/error.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::collector {

/// What became of a batch.
struct BatchFigures {
    std::size_t messages = 0;
    std::size_t events = 0;  ///< accepted = stored + duplicates + erased + dead letters + parked
    std::size_t stored = 0;  ///< new rows
    std::size_t duplicates = 0;  ///< events that were stored before
    std::size_t erased = 0;      ///< of persons who were erased after they were accepted
    std::size_t dead_letters = 0;
    std::size_t parked = 0;  ///< events that the database refuses for now
    std::chrono::steady_clock::duration duration{};
};

/// Counts and logs what happens to a collector's events, in one place. Thread-safe.
class Probe {
  public:
    Probe(Source source, logging::Logger log, metrics::Registry& metrics);

    void accepted(std::size_t events);
    /// One transaction was committed at `committed`.
    void stored(std::size_t events, std::size_t inserted, std::chrono::steady_clock::duration took);
    /// Events of erased persons were left out.
    void erased(std::size_t events);
    void visible(Timestamp received_at, Timestamp committed);
    void dead_lettered(RejectionCode code, std::string_view event_id,
                       const logging::RequestIds& ids, std::string_view why);
    /// Of the requests that the batch holds messages of.
    void batch_done(const BatchFigures& figures, std::span<const std::string> correlation_ids,
                    std::span<const std::string> trace_ids);

    void database_down(postgres::Cause cause, std::string_view why);
    /// The database refuses events of a day ("2026-03-01"), which wait.
    void refused(const std::string& day, postgres::Cause cause, std::string_view why);
    void nothing_refused();
    /// So many events wait for such days.
    void parked(std::size_t events);
    /// A transaction of so many events was cancelled; it is tried in halves.
    void took_too_long(std::size_t events, std::string_view why);
    void migration_pending(std::string_view why);
    void database_up();
    void dead_letters_unreachable(std::string_view why);
    void given_back(std::size_t messages);
    /// Nothing was lost by it: the broker delivers again what was in hand.
    void reading_failed(std::string_view why);

  private:
    logging::Logger log_;
    metrics::Counter& accepted_;
    metrics::Counter& processed_;
    metrics::Counter& duplicates_;
    metrics::Counter& erased_;
    metrics::Gauge& parked_;
    metrics::Histogram& batch_size_;
    metrics::Histogram& batch_store_;
    metrics::Histogram& storage_delay_;
    std::map<RejectionCode, metrics::Counter*> failed_;
    std::map<RejectionCode, metrics::Counter*> dead_lettered_;
};

}  // namespace events::collector
