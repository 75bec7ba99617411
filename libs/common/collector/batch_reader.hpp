#pragma once

#include "common/collector/batch.hpp"
#include "common/collector/decoder.hpp"
#include "common/collector/options.hpp"
#include "common/events/message_encoding.hpp"
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
    /// first message. While more waits in the stream a batch has up to four times `batch_size`
    /// events: larger transactions cost less an event, and nobody waits for their company. Without
    /// items when nothing came for a while, or at `stop`.
    [[nodiscard]] Batch read(const std::stop_token& stop);

    /// Gives what was only prefetched back to the stream.
    void give_back_prefetched();

  private:
    [[nodiscard]] bool receive(std::chrono::steady_clock::time_point deadline);
    void read_payload(const nats::Delivery& delivery, Item& item);
    void forget(nats::MessageHandle message, std::size_t bytes);
    void set_size(const IncomingMessage& first);
    void set_window(const Batch& batch);

    std::chrono::milliseconds batch_wait_;
    std::size_t batch_size_;
    std::size_t size_;                    ///< events of the batch in hand, at most
    std::size_t events_per_message_ = 1;  ///< of the last batch
    std::size_t fetch_bytes_;
    nats::PullConsumer& consumer_;
    Decompressor decompressor_;
    Decoder decoder_;
    /// Would have made the last batch too large, or goes on behind it.
    std::optional<IncomingMessage> incoming_;
    std::vector<nats::MessageHandle> spent_;  ///< whose content was copied
    std::size_t spent_bytes_ = 0;
};

}  // namespace events::collector
