#include "quick.hpp"

#include "costs.hpp"
#include "results.hpp"
#include "suite.hpp"
#include "support/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace events::bench {
namespace {

std::filesystem::path baseline_file() {
    return test::source_directory() / "tests/bench/baseline.json";
}

Costs measure(int runs) {
    test::PostgresCluster cluster{shipped_postgres_settings()};
    return measure_costs(cluster, runs);
}

}  // namespace

int compare_with_baseline(int runs) {
    const auto baseline = nlohmann::json::parse(test::read_file(baseline_file()));
    auto costs = measure(runs);
    if (std::ranges::any_of(compare(costs, baseline), &Change::is_regression)) {
        // A neighbour on the machine can cost a figure that much, hardly twice.
        fmt::print("something costs more: measuring again\n");
        for (const auto& [name, cost] : measure(runs)) {
            costs[name].value = std::min(costs[name].value, cost.value);
        }
    }
    int regressions = 0;
    fmt::print("\n{:36} {:>9} {:>9} {:>8} {:>7}\n", "", "baseline", "now", "change", "limit");
    for (const auto& change : compare(costs, baseline)) {
        if (change.is_regression()) ++regressions;
        fmt::print("{:36} {:>9} {:>9} {:>+7.1f}% {:>+6.0f}%{}\n", change.name,
                   format_number(change.before), format_number(change.now), 100 * change.growth(),
                   100 * change.tolerance, change.is_regression() ? "  COSTS MORE" : "");
    }
    return regressions == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int record_baseline(int runs) {
    write_json(baseline_file(), to_baseline(measure(runs)));
    fmt::print("recorded in {}\n", baseline_file().string());
    return EXIT_SUCCESS;
}

}  // namespace events::bench
