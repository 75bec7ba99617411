#pragma once

#include "common/expected.hpp"
#include "inputs.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace events::bench::scaling {

/// A file of figures with their units, and the command that measured each (measured.json).
struct Measurements {
    Costs costs;
    Choices choices;
};

/// Reads the sections "costs" and "choices", each an object of figures
/// {"value": number, "unit": text, "command" or "why": text}.
///
/// Errors   every problem at once: a figure that is missing, not known, negative or not finite, in
///          another unit than the one it is computed with, or without saying where it comes from.
[[nodiscard]] Expected<Measurements, std::vector<std::string>> read_measurements(
    const nlohmann::json& file);

}  // namespace events::bench::scaling
