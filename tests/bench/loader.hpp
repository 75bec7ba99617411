#pragma once

#include "common/events/event.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace events::bench {

/// How many events to store, and when they happened.
struct Load {
    std::uint64_t first = 0;  ///< numbers of the run, so that runs go on where another ended
    std::uint64_t count = 0;  ///< of both sources
    std::uint64_t of = 0;     ///< the whole run, which is spread evenly over `span`
    Timestamp begin{};
    std::chrono::seconds span = std::chrono::hours{24 * 30};
};

/// Stores events as the reference publisher makes them (each with a new user and a nearly unique
/// campaign) through both collectors' real stores, each on a thread of its own, in transactions of
/// 1,000. Returns the seconds that it took, without making the events.
double load(const std::string& url, const Load& what);

}  // namespace events::bench
