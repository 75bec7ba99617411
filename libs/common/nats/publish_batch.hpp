#pragma once

#include "common/nats/publisher.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace events::nats {

/// The outcomes of a group of messages, from its first message until each has its own. Thread-safe.
class PublishBatch {
  public:
    using Clock = std::chrono::steady_clock;
    /// Gets the outcomes, and the time from the first message to the last outcome; none for a batch
    /// without messages. Runs exactly once, and outside of the batch's lock.
    using Done = std::function<void(PublishOutcomes, std::optional<Clock::duration>)>;

    explicit PublishBatch(Done done) : done_{std::move(done)} {}

    /// A place for one more message. An acknowledgement of it counts only from `stream`; nullptr:
    /// from any. The name must stay where it is.
    [[nodiscard]] std::size_t open_slot(const char* stream = nullptr);
    /// A message is about to be written, on the connection's `generation` (from 1). False when it
    /// was given up before.
    [[nodiscard]] bool begin_write(std::size_t index, std::uint64_t generation);
    /// Only a message's first outcome counts: what comes after it was given up is ignored.
    void settle(std::size_t index, PublishOutcome outcome);
    /// No more messages.
    void finish();
    /// Gives up what waits, unless something was heard or written after `heard_after`; how many
    /// messages those were.
    std::size_t give_up(Clock::time_point heard_after, const char* why);
    /// Gives up what was written before `generation`: its answers went with that connection.
    std::size_t give_up_lost(std::uint64_t generation, const char* why);

  private:
    void put(std::size_t index, PublishOutcome outcome);
    template <typename IsLost>
    std::size_t give_up_if(std::unique_lock<std::mutex> lock, const char* why, IsLost is_lost);
    /// Calls `done_` when nothing is missing any more; ends the lock.
    void complete(std::unique_lock<std::mutex> lock);

    std::mutex mutex_;
    PublishOutcomes outcomes_;
    std::vector<bool> settled_;
    std::vector<std::uint64_t> written_on_;  ///< 0: not written yet
    std::vector<const char*> streams_;
    std::size_t waiting_ = 0;
    bool finished_ = false;
    Done done_;  // empty once it was called
    Clock::time_point begin_{};
    Clock::time_point progress_{};
};

}  // namespace events::nats
