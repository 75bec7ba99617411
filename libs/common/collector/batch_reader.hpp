#pragma once

#include "common/collector/batch.hpp"
#include "common/collector/decoder.hpp"
#include "common/collector/options.hpp"
#include "common/nats/pull_consumer.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <vector>

namespace events::collector {

/// Gathers messages of a source's stream into batches, and decodes their events. One thread.
class BatchReader {
  public:
    BatchReader(const CollectorOptions& options, nats::PullConsumer& consumer);

    /// The next batch: as many events as fit into one, or what came within `batch_wait` of the
    /// first message. Without items when nothing came for a while, or at `stop`.
    [[nodiscard]] Batch read(const std::stop_token& stop);

    /// Gives what was only prefetched back to the stream.
    void give_back_prefetched();

  private:
    [[nodiscard]] bool receive(std::chrono::steady_clock::time_point deadline);
    void forget(nats::MessageHandle message, std::size_t bytes);
    void set_window(const Batch& batch);

    std::chrono::milliseconds batch_wait_;
    BatchLimits limits_;
    std::size_t fetch_bytes_;
    nats::PullConsumer& consumer_;
    Decoder decoder_;
    /// Would have made the last batch too large, or goes on behind it.
    std::optional<IncomingMessage> incoming_;
    std::vector<nats::MessageHandle> spent_;  ///< whose content was copied
    std::size_t spent_bytes_ = 0;
};

}  // namespace events::collector
