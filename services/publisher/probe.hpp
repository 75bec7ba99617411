#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "publisher/answer.hpp"
#include "publisher/event_generator.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace events::publisher {

/// What a run came to. `sent` is the sum of saved, failed and lost.
struct Summary {
    std::uint64_t posts = 0;    ///< POSTs begun
    std::uint64_t sent = 0;     ///< events in them
    std::uint64_t saved = 0;    ///< events that the gateway counts as saved
    std::uint64_t failed = 0;   ///< events that the gateway counts as invalid
    std::uint64_t spooled = 0;  ///< of the saved ones, those that waited in the gateway's spool
    std::uint64_t retried = 0;  ///< POSTs that were sent again
    std::uint64_t skipped =
        0;                   ///< turns that were skipped because CONCURRENCY POSTs were in flight
    std::uint64_t lost = 0;  ///< events sent, but not answered by a 2xx that accounts for them
};

/// Everything the publisher counts and logs, one function a happening. Thread-safe.
class Probe {
  public:
    Probe(metrics::Registry& metrics, logging::Logger log);

    /// A batch has its final answer: accepted, or given up.
    void finished(const Batch& batch, const Answer& answer, std::uint64_t lost,
                  const logging::RequestIds& ids, std::chrono::milliseconds took) const;

    /// A POST is going to be repeated.
    void retrying(const Batch& batch, const Answer& answer, const logging::RequestIds& ids,
                  unsigned attempt, std::chrono::milliseconds delay) const;

    /// Turns of the schedule passed without a POST.
    void skipped(std::uint64_t turns) const;
    /// So many turns were skipped since this was last said.
    void falling_behind(std::uint64_t turns) const;

    void waiting_for_gateway() const;
    void begins(const GeneratorSettings& settings) const;
    void stopped(const Summary& summary) const;

  private:
    void failed(FailureReason reason, std::uint64_t events) const;

    logging::Logger log_;
    metrics::Counter& published_;
    metrics::Counter& retries_;
    metrics::Counter& skipped_;
    std::array<metrics::Counter*, kFailureReasons.size()> failures_{};
};

}  // namespace events::publisher
