#include "bench.hpp"
#include "steady_load.hpp"
#include "visibility.hpp"

#include <fmt/format.h>

#include <optional>

namespace events::bench {
namespace {

/// `load` of nothing: only the probe's own hundred events a second.
void measure(Bench& bench, Suite& suite, const std::string& name, const Load& load) {
    Case measured{"delay", name};
    Samples all;
    for (int run = 0; run < bench.settings.runs; ++run) {
        VisibilityProbe probe{suite};
        const auto outcome = post_to(suite, load);
        const auto delays = probe.stop();
        measured.add("p50 ms", delays.quantile(0.5));
        measured.add("p99 ms", delays.quantile(0.99));
        all.add(delays);
        if (const auto problem = what_fell_behind(outcome, load); !problem.empty()) {
            measured.note("fell behind: " + problem);
        }
    }
    measured.add("p99.9 ms, all runs", all.quantile(0.999));
    measured.add("events looked for", static_cast<double>(all.size()));
    bench.results.add(std::move(measured));
}

}  // namespace

void measure_delay(Bench& bench) {
    const std::chrono::seconds duration{bench.settings.long_form ? 60 : 10};
    if (!bench.highest_rate) {
        bench.highest_rate = find_highest_rate(bench.cluster, bench.ceilings.insert() / 2);
    }
    Suite suite{bench.cluster};
    warm_up(suite);
    measure(bench, suite, "500 events/s, one a POST",
            {.port = suite.gateway_port(),
             .events_per_post = 1,
             .connections = 16,
             .posts_per_second = 500,
             .duration = duration});
    const auto half = *bench.highest_rate / 2;
    measure(bench, suite, fmt::format("{:.0f} events/s, 1,000 a POST", half),
            open_load(suite, half, duration));
}

}  // namespace events::bench
