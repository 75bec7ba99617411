#pragma once

#include "ceilings.hpp"
#include "results.hpp"
#include "support/postgres_cluster.hpp"

#include <optional>

namespace events::bench {

struct Settings {
    int runs = 3;            ///< of each case; its figures are their medians
    bool long_form = false;  ///< more events, longer steps
    double seconds = 30;     ///< of the full load, and of endurance
    double rate = 70'000;    ///< events/s of endurance
};

/// What the sections share: the settings, the durable PostgreSQL, what was found so far. A section
/// is a function of this; it runs on the program's one thread.
struct Bench {
    Settings settings;
    Results results;
    test::PostgresCluster cluster;
    Ceilings ceilings{settings.runs, cluster, results};
    std::optional<double> highest_rate;  ///< events/s, when `sustained` has run

    explicit Bench(Settings chosen);
};

/// Our daemons' part of all CPU time that the suite spent.
[[nodiscard]] double share_of_daemons(const CpuTimes& cpu);

void measure_ceilings(Bench& bench);
void measure_gateway(Bench& bench);
void measure_collectors(Bench& bench);
void measure_sustained(Bench& bench);
void measure_full_load(Bench& bench);
void measure_endurance(Bench& bench);
void measure_delay(Bench& bench);
void measure_growth(Bench& bench);
void measure_start(Bench& bench);

}  // namespace events::bench
