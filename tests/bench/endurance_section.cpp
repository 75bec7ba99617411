#include "bench.hpp"
#include "report_asker.hpp"
#include "steady_load.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace events::bench {

void measure_endurance(Bench& bench) {
    constexpr auto kSection = "endurance";
    const auto rate = bench.settings.rate;
    Suite suite{bench.cluster};
    warm_up(suite);
    ReportAsker asker{suite.stack().port("reporter")};
    const auto load = open_load(suite, rate, std::chrono::duration<double>{bench.settings.seconds});
    const auto outcome = post_to(suite, load);
    const auto reports = asker.stop();

    Case measured{kSection,
                  fmt::format("{:.0f} events/s for {:.0f} s", rate, bench.settings.seconds)};
    add_outcome(measured, outcome);
    measured.add("backlog, first third", outcome.backlog.part(0, 1.0 / 3).median());
    measured.add("backlog, last third", outcome.backlog.part(2.0 / 3, 1).median());
    const auto problem = what_fell_behind(outcome, load);
    if (!problem.empty()) measured.note("fell behind: " + problem);
    bench.results.add(std::move(measured));
    add_reports(bench.results, kSection, reports);
    if (!problem.empty()) throw std::runtime_error{problem};
}

}  // namespace events::bench
