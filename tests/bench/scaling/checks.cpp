#include "checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace events::bench::scaling {
namespace {

constexpr int kEventsPerPost = 1'000;
constexpr std::uint32_t kSeeds = 21;
constexpr double kSeconds = 20;  // of a load whose length matters little

double drain_rate(const Measurements& measured) {
    const auto& runs = measured.runs;
    const auto events = static_cast<int>(runs.drain_events);
    // As long as three times what was measured: beyond that it is wrong anyway.
    const auto patience = 3 * runs.drain_events / runs.drain_rate;
    const auto outcome = simulate(setup_of(measured, runs.drain_cores), {}, patience, events);
    return static_cast<double>(outcome.stored) / outcome.last_stored;
}

/// Which sizes the sender drew is not known, so the median of several draws.
double bursts_peak(const Measurements& measured) {
    const auto& runs = measured.runs;
    std::vector<double> peaks;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        const auto posts = bursts(seed, kLeastBurst, kGreatestBurst, runs.bursts_seconds);
        const auto outcome =
            simulate(setup_of(measured, runs.bursts_cores), posts, runs.bursts_seconds);
        peaks.push_back(static_cast<double>(outcome.peak.messages));
    }
    std::ranges::nth_element(peaks, peaks.begin() + kSeeds / 2);
    return peaks.at(kSeeds / 2);
}

double median_delay(const Measurements& measured, double cores, double rate, int per_post) {
    const auto outcome =
        simulate(setup_of(measured, cores), steady(rate, per_post, kSeconds), kSeconds);
    return delay_quantile(outcome, 0.5) * 1'000;
}

}  // namespace

double Check::difference() const {
    if (simulated == measured) return 0;
    return measured == 0 ? std::numeric_limits<double>::infinity() : simulated / measured - 1;
}

bool agrees(const Check& check) {
    return std::abs(check.difference()) <= kTolerance;
}

Setup setup_of(const Measurements& measured, double cores) {
    Setup setup;
    setup.cpu = measured.costs.cpu;
    setup.commit_ms = measured.costs.ceilings.commit_ms;
    setup.cores = cores;
    return setup;
}

std::vector<Check> check_all(const Measurements& measured) {
    const auto& runs = measured.runs;
    return {
        {"both streams drained", "events/s", runs.drain_rate, drain_rate(measured)},
        {"highest sustained rate", "events/s", runs.sustained_rate,
         highest_rate(setup_of(measured, runs.sustained_cores), kEventsPerPost, kSeconds)},
        {"greatest backlog under bursts", "messages", runs.bursts_peak, bursts_peak(measured)},
        {"median delay, single events", "ms", runs.single_delay,
         median_delay(measured, runs.single_cores, runs.single_rate, 1)},
        {"median delay, half the rate", "ms", runs.steady_delay,
         median_delay(measured, runs.steady_cores, runs.steady_rate, kEventsPerPost)},
    };
}

}  // namespace events::bench::scaling
