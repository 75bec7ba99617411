#include "bench.hpp"
#include "steady_load.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace events::bench {

namespace {

/// Nothing when a run did not keep up.
std::optional<Case> measure_at(test::PostgresCluster& cluster, double rate,
                               std::chrono::seconds duration, int runs) {
    Case measured{"sustained", "POSTs of 1,000 events"};
    for (int run = 0; run < runs; ++run) {
        Suite suite{cluster};
        warm_up(suite);
        const auto load = open_load(suite, rate, duration);
        const auto outcome = post_to(suite, load);
        if (const auto problem = what_fell_behind(outcome, load); !problem.empty()) {
            fmt::print("  {:.0f} events/s, run {}: {}\n", rate, run + 1, problem);
            return std::nullopt;
        }
        add_outcome(measured, outcome);
    }
    return measured;
}

}  // namespace

double share_of_daemons(const CpuTimes& cpu) {
    double ours = 0;
    double all = 0;
    for (const auto& [process, time] : cpu) {
        const auto spent = std::chrono::duration<double>{time}.count();
        all += spent;
        if (process != "nats-server" && process != "postgres") ours += spent;
    }
    return all > 0 ? ours / all : 0;
}

void measure_sustained(Bench& bench) {
    const auto ceiling = bench.ceilings.insert();
    const std::chrono::seconds duration{bench.settings.long_form ? 60 : 10};
    auto rate = find_highest_rate(bench.cluster, ceiling / 2);
    auto measured = measure_at(bench.cluster, rate, duration, bench.settings.runs);
    // Several runs in a row are harder than one step of the search.
    for (int attempt = 0; !measured && attempt < 5; ++attempt) {
        rate *= 0.9;
        measured = measure_at(bench.cluster, rate, duration, bench.settings.runs);
    }
    if (!measured) throw std::runtime_error{"no rate is kept up with for long"};
    measured->compare("events/s", ceiling, "one insert loop");
    bench.highest_rate = measured->median("events/s");
    bench.results.add(std::move(*measured));
}

}  // namespace events::bench
