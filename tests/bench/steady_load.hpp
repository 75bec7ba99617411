#pragma once

#include "load_client.hpp"
#include "suite.hpp"

#include <chrono>
#include <string>

namespace events::bench {

/// What the running suite did under a load.
struct LoadOutcome {
    LoadFigures load;
    CpuTimes cpu;          ///< of the suite, from the first POST to the last answer
    Samples backlog;       ///< messages, four times a second
    bool drained = false;  ///< the backlog was gone within two seconds after it
};

/// Posts, and watches the backlog meanwhile.
[[nodiscard]] LoadOutcome post_to(Suite& suite, const Load& load);

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
/// New for each rate: what collectors put off (profiles, half a minute later) would count for the
/// next rate else.
[[nodiscard]] double find_highest_rate(test::PostgresCluster& cluster, double first_guess);

}  // namespace events::bench
