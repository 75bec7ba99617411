#include "drain.hpp"

#include "common/nats/topology.hpp"
#include "load_client.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Each reading asks the collectors for their metrics, so not more often than this.
constexpr auto kPause = 100ms;
constexpr auto kPatience = 10min;

struct Reading {
    Clock::time_point time;
    std::uint64_t stored;
    CpuTimes cpu;
    std::uint64_t wal_bytes;
};

std::uint64_t backlog(Suite& suite, const std::vector<Source>& sources) {
    std::uint64_t messages = 0;
    for (const auto source : sources) messages += suite.backlog(source);
    return messages;
}

}  // namespace

std::uint64_t fill(Suite& suite, std::uint64_t events, bool known_users) {
    constexpr std::size_t kPerPost = 1'000;
    suite.start("gateway");
    const auto figures = post_events({.port = suite.gateway_port(),
                                      .events_per_post = kPerPost,
                                      .connections = 4,
                                      .duration = kPatience,
                                      .posts = (events + kPerPost - 1) / kPerPost,
                                      .known_users = known_users});
    suite.stop("gateway");
    if (!figures.failures.empty()) throw std::runtime_error{figures.describe_failures()};
    return figures.events;
}

DrainFigures drain(Suite& suite, const std::vector<Source>& sources, int processes) {
    for (const auto source : sources) {
        const auto* daemon = source.durable();
        suite.start(daemon, {}, false);
        if (processes > 1) suite.start_twin(daemon);
    }
    std::optional<Reading> first;
    std::optional<Reading> last;
    const auto deadline = Clock::now() + kPatience;
    for (;;) {
        const auto stored = suite.stored_by_collectors();
        Reading reading{Clock::now(),
                        std::accumulate(stored.begin(), stored.end(), std::uint64_t{0}),
                        suite.cpu_times(), suite.wal_bytes()};
        if (backlog(suite, sources) == 0) break;
        if (Clock::now() > deadline) throw std::runtime_error{"the collectors do not finish"};
        if (first) {
            last = std::move(reading);
        } else if (std::ranges::none_of(stored, [](auto events) { return events == 0; })) {
            first = std::move(reading);
        }
        std::this_thread::sleep_for(kPause);
    }
    for (const auto source : sources) {
        const std::string daemon = source.durable();
        suite.stop(daemon);
        if (processes > 1) suite.stop(daemon + "-twin");
    }
    if (!last) throw std::runtime_error{"drained before it could be measured: too few events"};
    return {.events = last->stored - first->stored,
            .seconds = std::chrono::duration<double>{last->time - first->time}.count(),
            .cpu = spent(first->cpu, last->cpu),
            .wal_bytes = last->wal_bytes - first->wal_bytes};
}

}  // namespace events::bench
