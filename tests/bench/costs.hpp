#pragma once

#include "baseline.hpp"
#include "support/postgres_cluster.hpp"

namespace events::bench {

/// The costs of each daemon that `--quick` watches: CPU time per event in units of the time that
/// simdjson takes for an event on the same machine meanwhile, medians of `runs`, and instructions
/// per event.
[[nodiscard]] Costs measure_costs(test::PostgresCluster& cluster, int runs);

}  // namespace events::bench
