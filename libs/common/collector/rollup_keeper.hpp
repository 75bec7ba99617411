#pragma once

#include "common/events/event.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace events::collector {

struct RollupKeeperOptions {
    std::chrono::milliseconds interval{1'000};  ///< between two rounds
    std::chrono::seconds settled{30};           ///< a minute without news this long is profiled
    std::chrono::seconds partitions_every{60};  ///< looking for dropped partitions
    std::int64_t events_per_profiling{20'000};  ///< bounds one statement's duration
};

/// Keeps reports fast: moves what the collectors appended to event_deltas into the rollups, and
/// makes the profiles of the source's users (0002_rollups.sql). Reports are exact whether this
/// keeps up or not. Any number of processes may do it at once: the database lets one work.
///
/// A thread and a connection of its own. A failure is logged and the next round tries again.
class RollupKeeper {
  public:
    /// Profiles are made only while `idle()`, so that they never slow down storing. Called from
    /// the keeper's thread.
    RollupKeeper(Source source, postgres::Options database, std::function<bool()> idle,
                 logging::Logger log, metrics::Registry& metrics, RollupKeeperOptions options = {});
    ~RollupKeeper();
    RollupKeeper(const RollupKeeper&) = delete;
    RollupKeeper& operator=(const RollupKeeper&) = delete;

    /// Starts the work; the database must have been migrated. Call once.
    void start();
    /// Cancels a statement in hand, which then has done nothing. May be called again.
    void stop();

  private:
    void run(const std::stop_token& stop);
    void round(const std::stop_token& stop);
    std::int64_t call(const std::string& statement);

    Source source_;
    RollupKeeperOptions options_;
    std::function<bool()> idle_;
    logging::Logger log_;
    metrics::Counter& folded_;
    metrics::Counter& profiled_;
    postgres::Connection connection_;
    std::chrono::steady_clock::time_point partitions_followed_{};
    std::jthread thread_;
};

}  // namespace events::collector
