#pragma once

#include "common/clock/comparison.hpp"
#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

#include <stop_token>
#include <thread>

namespace events::postgres {

/// Compares the server's clock with this machine's. Failure: what a statement throws.
void compare_clocks(Session& session, clock::Comparison& comparison);

/// Keeps a comparison up to date where connections last for days: once a minute makes one, which
/// compares as each does (Options::server_clock), and ends it. A thread of its own.
class ServerClock {
  public:
    ServerClock(Options options, logging::Logger log);

  private:
    void run(const std::stop_token& stop);

    const Options options_;
    const logging::Logger log_;
    std::jthread thread_;
};

}  // namespace events::postgres
