#pragma once

#include "common/collector/batch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

namespace events::collector {

/// Hands batches from the thread that reads to the thread that writes, one at a time: while one is
/// written the next one is made, and no more. The writer can hold the reader, when what it fetches
/// would only wait; at the beginning it does. One reader, one writer.
class Handoff {
  public:
    /// For the reader: waits until the writer takes the batch. False when it stays the reader's,
    /// because the writer holds or `stop` was requested.
    [[nodiscard]] bool give(Batch& batch, const std::stop_token& stop);

    /// For the reader: whether it is to fetch nothing, and to give back what it has.
    [[nodiscard]] bool held() const;
    /// For the reader: waits while it is held, or until `stop`.
    void wait_while_held(const std::stop_token& stop) const;

    /// For the writer: the next batch; nothing when none came within `patience`, or at `stop`. A
    /// batch that was given is never left here.
    [[nodiscard]] std::optional<Batch> take(std::chrono::milliseconds patience,
                                            const std::stop_token& stop);
    void hold();
    void resume();

  private:
    void set_held(bool held);

    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    std::optional<Batch> given_;
    bool wanted_ = false;  ///< the writer waits in take()
    bool held_ = true;
};

}  // namespace events::collector
