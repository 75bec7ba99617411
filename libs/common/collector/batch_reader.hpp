#pragma once

#include "common/collector/batch.hpp"
#include "common/collector/options.hpp"
#include "common/events/parser.hpp"
#include "common/nats/pull_consumer.hpp"

#include <cstddef>
#include <optional>
#include <stop_token>

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
    Batch gather(const std::stop_token& stop);
    void decode(Batch& batch);

    CollectorOptions options_;
    nats::PullConsumer& consumer_;
    Parser parser_;
    std::optional<nats::Delivery> carried_;  ///< would have made the last batch too large
};

}  // namespace events::collector
