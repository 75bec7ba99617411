#pragma once

#include "measurements.hpp"
#include "simulation.hpp"

#include <string>
#include <vector>

namespace events::bench::scaling {

/// A figure of a whole run of the suite, measured and simulated.
struct Check {
    std::string name;
    std::string unit;
    double measured = 0;
    double simulated = 0;

    /// Of the measured value; infinite where that is 0 and the simulated one is not.
    [[nodiscard]] double difference() const;
};

/// How far a simulated figure may be from the measured one.
inline constexpr double kTolerance = 0.20;

[[nodiscard]] bool agrees(const Check& check);

/// The machine of the measured runs, with so many cores.
[[nodiscard]] Setup setup_of(const Measurements& measured, double cores);

/// Simulates each measured run. Takes seconds.
[[nodiscard]] std::vector<Check> check_all(const Measurements& measured);

}  // namespace events::bench::scaling
