#pragma once

#include "common/postgres/interrupter.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace events::postgres {

/// Cuts a connection whose server has not answered for too long, so that its thread goes on with a
/// lost connection. A thread of its own. Thread-safe.
class HangWatch {
  public:
    HangWatch(std::shared_ptr<Interrupter> connection, std::chrono::milliseconds patience);

    /// While it lives, its thread may be waiting for the server; one at a time.
    class Turn {
      public:
        explicit Turn(HangWatch* watch) : watch_{watch} {
            if (watch_ != nullptr) watch_->begin();
        }
        ~Turn() {
            if (watch_ != nullptr) watch_->end();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

      private:
        HangWatch* watch_;
    };

  private:
    using Clock = std::chrono::steady_clock;

    void begin();
    void end();
    void run(const std::stop_token& stop);

    std::shared_ptr<Interrupter> connection_;
    std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Clock::time_point> deadline_;  ///< of the turn that is on
    std::jthread thread_;
};

}  // namespace events::postgres
