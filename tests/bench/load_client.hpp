#pragma once

#include "processes.hpp"
#include "results.hpp"
#include "samples.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace events::bench {

/// POSTs of events to a port of this machine.
struct Load {
    std::uint16_t port = 0;
    std::size_t events_per_post = 1;
    std::size_t connections = 1;
    /// Open loop: POSTs begin at this rate whether or not those before were answered, and the time
    /// that one waits for a free connection counts as its answer's. Nothing: each connection posts
    /// as soon as it is answered.
    std::optional<double> posts_per_second = std::nullopt;
    std::chrono::duration<double> duration{2};          ///< no POST begins after it
    std::optional<std::uint64_t> posts = std::nullopt;  ///< or after so many
    /// Nine events of ten are of some 100,000 users instead of a new one each.
    bool known_users = false;
};

/// What became of a load.
struct LoadFigures {
    std::uint64_t posts = 0;   ///< answered with 201
    std::uint64_t events = 0;  ///< in those
    std::uint64_t unsent = 0;  ///< due in an open loop, but no connection became free in time
    std::map<std::string, std::uint64_t> failures;  ///< POSTs, by status or error
    Samples answer_ms;                              ///< of those answered with 201
    double seconds = 0;                             ///< from the first POST to the last answer
    CpuTime cpu{};                                  ///< of the thread that posted

    [[nodiscard]] std::string describe_failures() const;  ///< e.g. "503: 12"; empty when none
};

/// Posts and waits for every answer, on the calling thread alone. The events are those of the
/// reference publisher, about half a minute old; before each POST their event and user ids are
/// overwritten with numbers that this process never used before, so that each event is a new one,
/// and so is its user, unless users are to be known.
[[nodiscard]] LoadFigures post_events(const Load& load);

/// One run's figures of a load: rates, times of the answers, the client's CPU time, failures.
void add_load(Case& measured, const LoadFigures& figures);

}  // namespace events::bench
