#include "bench.hpp"
#include "steady_load.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace events::bench {

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
    Suite suite{bench.cluster};
    suite.start_all();
    auto rate = find_highest_rate(suite, ceiling / 2);

    Case measured{"sustained", "POSTs of 1,000 events"};
    for (int run = 0; run < bench.settings.runs;) {
        const auto load = open_load(suite, rate, duration);
        const auto outcome = post_to(suite, load);
        if (!suite.await_drained(std::chrono::minutes{5})) throw std::runtime_error{"backlog"};
        if (!kept_up(outcome, load)) {
            // Longer than the steps of the search were: begin again with less.
            rate *= 0.93;
            measured = Case{"sustained", "POSTs of 1,000 events"};
            run = 0;
            continue;
        }
        add_load(measured, outcome.load);
        measured.add_cpu(outcome.cpu, outcome.load.events);
        measured.add("share of our daemons", share_of_daemons(outcome.cpu));
        measured.add("most backlog messages", outcome.backlog.greatest());
        ++run;
    }
    measured.compare("events/s", ceiling, "one insert loop");
    bench.highest_rate = measured.median("events/s");
    bench.results.add(std::move(measured));
}

}  // namespace events::bench
