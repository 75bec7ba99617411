#pragma once

#include "load_client.hpp"
#include "suite.hpp"

#include <chrono>
#include <string>

namespace events::bench {

/// What the running suite did under a load.
struct LoadOutcome {
    LoadFigures load;
    CpuTimes cpu;  ///< of the suite, until the backlog is gone
    std::uint64_t wal_bytes = 0;
    Samples backlog;       ///< messages, four times a second
    bool drained = false;  ///< the backlog was gone within two seconds after it
};

/// Posts, and watches the backlog meanwhile.
[[nodiscard]] LoadOutcome post_to(Suite& suite, const Load& load);

/// One run's figures: the load's, CPU time and WAL an event, the greatest backlog.
void add_outcome(Case& measured, const LoadOutcome& outcome);

/// Why an open loop was too much for the suite: POSTs that were not saved or not on time, a backlog
/// that grew or was left. Empty when the suite kept up.
[[nodiscard]] std::string what_fell_behind(const LoadOutcome& outcome, const Load& load);

/// POSTs of 1,000 events at so many events/s.
[[nodiscard]] Load open_load(const Suite& suite, double events_per_second,
                             std::chrono::duration<double> duration);

/// Starts all daemons of a new suite and lets them store some events: partitions and plans are
/// made.
void warm_up(Suite& suite);

/// The highest rate, in events/s within some 7 %, that a new suite keeps up with for ten seconds.
[[nodiscard]] double find_highest_rate(test::PostgresCluster& cluster, double first_guess);

}  // namespace events::bench
