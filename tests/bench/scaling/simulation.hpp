#pragma once

#include "machine.hpp"
#include "setup.hpp"
#include "traffic.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace events::bench::scaling {

struct Backlog {
    std::uint64_t events = 0;
    std::uint64_t messages = 0;
};

struct BacklogAt {
    double seconds = 0;
    Backlog backlog;  ///< in the streams and not stored yet
};

/// How long so many events took from the gateway having their request to their commit.
struct Delay {
    double seconds = 0;
    std::uint64_t events = 0;
};

struct Outcome {
    std::uint64_t sent = 0;  ///< of all requests that were due, and what waited at the beginning
    std::uint64_t stored = 0;
    std::uint64_t on_the_way = 0;  ///< at the end, sent and not in a stream yet
    Backlog backlog;               ///< at the end
    Backlog peak;                  ///< the most events, and the most messages, at any moment
    std::uint64_t unprofiled = 0;  ///< stored events whose users' profiles were not made
    double last_stored = 0;        ///< seconds: when the last commit was
    std::vector<BacklogAt> backlog_over_time;  ///< every 100 ms
    std::vector<Delay> delays;
    std::array<double, kProcesses> cpu_seconds{};

    [[nodiscard]] double cpu_of(Process process) const {
        return cpu_seconds.at(static_cast<std::size_t>(process));
    }
};

/// One machine for `seconds`: sender, gateway, nats-server with the two sources' streams, a
/// collector with one connection for each source, PostgreSQL. `waiting` events are in the streams
/// at the beginning. Deterministic; nothing is lost: sent = stored + on_the_way + backlog.events.
[[nodiscard]] Outcome simulate(const Setup& setup, const std::vector<Post>& posts, double seconds,
                               int waiting = 0);

/// The delay that this share of the events did not exceed, seconds; 0 where there were none.
[[nodiscard]] double delay_quantile(const Outcome& outcome, double share);

/// The highest rate, events/s, with requests of that size, at which `seconds` end with at most half
/// a second's events not stored yet. To one percent. 0 when there is none below ten million.
[[nodiscard]] double highest_rate(const Setup& setup, int events_per_post, double seconds);

}  // namespace events::bench::scaling
