#include "baseline.hpp"

#include <stdexcept>

namespace events::bench {

std::vector<Change> compare(const Costs& now, const nlohmann::json& baseline) {
    std::vector<Change> changes;
    for (const auto& [name, cost] : now) {
        const auto before = baseline.find(name);
        if (before == baseline.end() || !before->is_number() || before->get<double>() <= 0) {
            throw std::runtime_error{"the baseline has no figure for " + name};
        }
        changes.push_back({name, before->get<double>(), cost.value, cost.tolerance});
    }
    return changes;
}

nlohmann::ordered_json to_baseline(const Costs& costs) {
    nlohmann::ordered_json baseline;
    for (const auto& [name, cost] : costs) baseline[name] = cost.value;
    return baseline;
}

}  // namespace events::bench
