#pragma once

#include "inputs.hpp"

#include <cstdint>

namespace events::bench::scaling {

/// The machine and the settings of the daemons on it, with their defaults.
struct Setup {
    CpuCosts cpu;
    double commit_ms = 0;
    double cores = 2;
    double new_users = 1;  ///< share of the events
    bool profiles = true;  ///< whether the collectors make them, while there is no backlog

    int worker_threads = 2;        ///< of the gateway
    int events_per_message = 100;  ///< the most
    int batch_size = 1'000;        ///< events
    double batch_wait = 0.020;     ///< seconds
    double keeper_interval = 1;    ///< seconds, between two rounds of folding
    double settled = 30;           ///< seconds without news before a minute is profiled
    std::uint64_t events_per_profiling = 20'000;  ///< whole minutes until there are so many
};

}  // namespace events::bench::scaling
