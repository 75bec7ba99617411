#pragma once

#include "common/collector/batch_reader.hpp"
#include "common/collector/batch_writer.hpp"
#include "common/collector/handoff.hpp"
#include "common/collector/options.hpp"

#include <functional>
#include <stop_token>
#include <string_view>
#include <thread>

namespace events::collector {

/// Moves events from a source's stream into its table: gathers a batch, stores it in one
/// transaction, acknowledges its messages after the commit. While a batch is stored, the next one
/// is fetched and decoded.
///
/// - What can never be stored (not an event of this source, or refused by the database for its
///   content) goes to the dead letters; a refused batch is halved until the culprits are alone, and
///   the rest is stored. A batch that takes the database too long is halved as well, and kept.
/// - While the database is away the batch is kept and retried with backoff, its messages are kept
///   in progress, and whatever else was fetched is given back to the stream.
/// - No message is trusted, neither its headers nor its payload: one that can't be read costs
/// itself
///   alone, and a message of any size or number of events stays within the buffers' bytes, but for
///   its own.
/// - A message is acknowledged when each of its events is in the database or in the dead letters,
///   never before: a crash at any point means a redelivery, which the store absorbs.
///
/// Runs on two threads of its own, one that reads the stream and one that writes to the database,
/// from construction until stop() or the destructor; everything it is given must outlive it and
/// belongs to those threads meanwhile. `prepare` runs first (the migrations), is retried like a
/// batch while it throws postgres::Unavailable, and any other exception of it is `failed`.
class Collector {
  public:
    Collector(const CollectorOptions& options, nats::PullConsumer& consumer,
              nats::Publisher& dead_letters, EventStore& store, health::Indicator& database,
              Probe& probe, BatchWriter::Prepare prepare,
              std::function<void(std::string_view)> failed);
    /// Finishes the batch in hand.
    ~Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// Finishes the batch in hand, gives the rest back to the stream, ends the threads.
    void stop();

  private:
    void read(const std::stop_token& stop);
    void read_batch(const std::stop_token& stop);
    void write(const std::stop_token& stop);

    Probe& probe_;
    Handoff handoff_;
    BatchReader reader_;
    BatchWriter writer_;
    BatchWriter::Prepare prepare_;
    std::function<void(std::string_view)> failed_;
    std::jthread reading_;
    std::jthread writing_;
};

}  // namespace events::collector
