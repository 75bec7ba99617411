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

/// Cuts a connection whose server has answered no statement for too long, so that its thread goes
/// on with a lost connection. A thread of its own. Thread-safe.
class Watchdog {
  public:
    Watchdog(std::shared_ptr<Interrupter> connection, std::chrono::milliseconds timeout);

    /// While it lives, its thread may be waiting for the server; one at a time.
    class Guard {
      public:
        explicit Guard(Watchdog* watchdog) : watchdog_{watchdog} {
            if (watchdog_ != nullptr) watchdog_->begin();
        }
        ~Guard() {
            if (watchdog_ != nullptr) watchdog_->end();
        }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        Watchdog* watchdog_;
    };

    /// The server has answered a statement: the timeout of the next one begins. Does nothing
    /// without a guard.
    void renew();

  private:
    using Clock = std::chrono::steady_clock;

    void begin();
    void end();
    void run(const std::stop_token& stop);

    std::shared_ptr<Interrupter> connection_;
    std::chrono::milliseconds timeout_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Clock::time_point> deadline_;  ///< of the statement, while there is a guard
    std::jthread thread_;
};

}  // namespace events::postgres
