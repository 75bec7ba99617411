#pragma once

#include "checker.hpp"
#include "injector.hpp"
#include "upkeep.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace events::test {

/// What a run has to tell.
struct RunReport {
    std::map<std::string, std::vector<Recovery>> recoveries;  ///< by kind of fault
    Upkeep::Totals upkeep;
    Verdict verdict;
    std::uint64_t restarts = 0;           ///< by the supervisor
    std::vector<std::string> complaints;  ///< what no fault excuses

    [[nodiscard]] bool good() const { return verdict.good() && complaints.empty(); }
};

/// A table of the faults and of what became of the events.
[[nodiscard]] std::string format_report(const RunReport& report);

}  // namespace events::test
