#pragma once

#include "suite.hpp"

#include <cstdint>
#include <vector>

namespace events::bench {

/// Puts new events into the streams through the gateway, which is stopped again: at least so many,
/// half of each source; of new users each, or as Load::known_users. Returns how many. Throws
/// std::runtime_error unless each POST is saved.
[[nodiscard]] std::uint64_t fill(Suite& suite, std::uint64_t events, bool known_users = false);

/// A stretch of a drain during which every collector process was storing.
struct DrainFigures {
    std::uint64_t events = 0;  ///< stored meanwhile
    double seconds = 0;
    CpuTimes cpu;
    std::uint64_t wal_bytes = 0;
};

/// Starts so many processes of the sources' collectors, waits until their streams are empty, and
/// stops them. What is measured begins when each has stored something and ends before the last
/// batches, so start-up and the end's half-empty batches do not count.
[[nodiscard]] DrainFigures drain(Suite& suite, const std::vector<Source>& sources, int processes);

}  // namespace events::bench
