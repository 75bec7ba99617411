#pragma once

#include "common/expected.hpp"
#include "inputs.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace events::bench::scaling {

/// Runs of the whole suite on one machine: what the simulation has to reproduce. The cores of a run
/// are those that nobody else used meanwhile; a fraction where the machine was shared.
struct Runs {
    double drain_cores = 0;
    double drain_events = 0;  ///< waited in both streams when the collectors were started
    double drain_rate = 0;    ///< events/s, until all were stored
    double sustained_cores = 0;
    double sustained_rate = 0;  ///< events/s, the highest without a growing backlog
    double bursts_cores = 0;
    double bursts_seconds = 0;
    double bursts_peak = 0;  ///< messages in both streams
    double single_cores = 0;
    double single_rate = 0;   ///< events/s, each in a request of its own
    double single_delay = 0;  ///< ms, the median from the gateway having an event to its commit
    double steady_cores = 0;
    double steady_rate = 0;   ///< events/s, about half the highest, 1,000 a request
    double steady_delay = 0;  ///< ms, the same median
};

/// A file of figures with their units, and the command that measured each (measured.json).
struct Measurements {
    Costs costs;
    Choices choices;
    Runs runs;
};

/// Reads the sections "costs", "choices" and "runs", each an object of figures
/// {"value": number, "unit": text, "command" or "why": text}.
///
/// Errors   every problem at once: a figure that is missing, not known, negative or not finite, in
///          another unit than the one it is computed with, or without saying where it comes from.
[[nodiscard]] Expected<Measurements, std::vector<std::string>> read_measurements(
    const nlohmann::json& file);

}  // namespace events::bench::scaling
