#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace events::collector {

/// Finds out what the database waits for while it is slow: a statement that waits says nothing by
/// itself. A thread of its own. Thread-safe.
class SlowStoreWatch {
  public:
    /// `look` returns what the database waits for, or nothing; it may block, and throw. `tell` is
    /// called with what it returned, from the watch's thread, while the guard lives.
    SlowStoreWatch(std::chrono::milliseconds after, std::function<std::string()> look,
                   std::function<void(std::string_view)> tell);

    /// While it lives, the database is at work; one at a time.
    class Guard {
      public:
        explicit Guard(SlowStoreWatch& watch) : watch_{watch} { watch_.begin(); }
        ~Guard() { watch_.end(); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        SlowStoreWatch& watch_;
    };

    /// What was told since the last call; else empty.
    [[nodiscard]] std::string take();

  private:
    using Clock = std::chrono::steady_clock;

    void begin();
    void end();
    void run(const std::stop_token& stop);

    std::chrono::milliseconds after_;
    std::function<std::string()> look_;
    std::function<void(std::string_view)> tell_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Clock::time_point> look_at_;  ///< while a guard lives
    std::string told_;
    std::jthread thread_;
};

}  // namespace events::collector
