#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace events::bench {

/// What something costs, in a unit that can be compared between machines.
struct Cost {
    double value = 0;
    double tolerance = 0;  ///< how much more is still the same, e.g. 0.15
};

using Costs = std::map<std::string, Cost>;

/// A cost that both have, now and when the baseline was recorded.
struct Change {
    std::string name;
    double before;
    double now;
    double tolerance;

    [[nodiscard]] double growth() const { return now / before - 1; }
    [[nodiscard]] bool is_regression() const { return growth() > tolerance; }
};

/// Compares each cost with the baseline's. Throws std::runtime_error where the baseline has no such
/// cost: it must be recorded again. Pure.
[[nodiscard]] std::vector<Change> compare(const Costs& now, const nlohmann::json& baseline);

/// The baseline that these costs make. Pure.
[[nodiscard]] nlohmann::ordered_json to_baseline(const Costs& costs);

}  // namespace events::bench
