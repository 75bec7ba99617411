#pragma once

#include "publisher/event_generator.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace events::publisher {

/// Which clock the events carry: the generator's own, which makes a run repeatable, or the wall's.
enum class EventClock { generator, wall };

/// Generates one batch ahead on a thread of its own, so that a POST starts on time whatever its
/// size, and in order, so that the events do not depend on who posts them when. Holds at most two
/// batches: one ready, one being made. next() is for one caller.
class BatchSource {
  public:
    BatchSource(const GeneratorSettings& settings, EventClock clock);
    BatchSource(const BatchSource&) = delete;
    BatchSource& operator=(const BatchSource&) = delete;

    /// The next batch; nothing after the last one, or when stopped while waiting for it.
    [[nodiscard]] std::optional<Batch> next(const std::stop_token& stop);

  private:
    void run(const std::stop_token& stop, const GeneratorSettings& settings, EventClock clock);

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Batch> ready_;
    bool ended_ = false;

    std::jthread thread_;  // last: uses all of the above
};

}  // namespace events::publisher
