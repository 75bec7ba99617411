#pragma once

#include "schedule.hpp"
#include "suite.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace events::test {

/// What an operator's timers do while faults go on: a person is erased every ten seconds, a day is
/// dropped every minute, however long each takes.
///
/// A thread of its own, and one for each of what it began. The suite must outlive it.
class Upkeep {
  public:
    struct Totals {
        std::uint64_t erasures = 0;
        std::uint64_t dropped_days = 0;
        std::vector<std::string> complaints;  ///< why others were not done
    };

    explicit Upkeep(Suite& suite);
    ~Upkeep() { (void)finish(); }
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    /// Begins nothing more, and waits for what has begun: on the suite's own thread.
    Totals finish();

  private:
    void run(const std::stop_token& stop);
    using Routine = void(Suite&, const Fault&);
    /// Runs `routine` in a thread of its own, and adds to `done` when it has succeeded.
    void begin(Routine* routine, const std::string& source, std::uint64_t Totals::*done);

    Suite& suite_;
    std::mutex mutex_;  ///< guards totals_
    Totals totals_;
    std::vector<std::jthread> begun_;  ///< of thread_, until it has ended
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

}  // namespace events::test
