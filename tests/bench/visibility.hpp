#pragma once

#include "samples.hpp"
#include "suite.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace events::bench {

/// Posts single events of its own, a hundred a second, for as long as it lives, and looks for their
/// rows every millisecond: how long an event takes from before its POST until a query sees it.
///
/// Two threads of its own. Costs PostgreSQL a query by primary key each millisecond. Failure: an
/// event that is not saved counts as failed; stop() throws what the threads threw.
class VisibilityProbe {
  public:
    explicit VisibilityProbe(const Suite& suite);
    ~VisibilityProbe();
    VisibilityProbe(const VisibilityProbe&) = delete;
    VisibilityProbe& operator=(const VisibilityProbe&) = delete;

    /// Ends it: the delays of all events in milliseconds. Throws std::runtime_error where an event
    /// was not saved, or was not visible within ten seconds.
    [[nodiscard]] Samples stop();

  private:
    using Clock = std::chrono::steady_clock;

    void post(const std::stop_token& stop, std::uint16_t gateway_port);
    void look(const std::stop_token& stop, const std::string& database);
    void fail(std::string why);

    std::string prefix_;  ///< of the ids of this probe's events
    std::mutex mutex_;    ///< guards what follows
    std::map<std::string, Clock::time_point> invisible_;
    Samples delays_ms_;
    std::string failure_;

    std::jthread looker_;  // last: they use all of the above
    std::jthread poster_;
};

}  // namespace events::bench
