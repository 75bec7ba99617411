#pragma once

#include "checks.hpp"
#include "measurements.hpp"

#include <string>
#include <vector>

namespace events::bench::scaling {

/// Markdown: what 100 thousand, 1 million and 10 million events a second need, with one line of
/// what each number is bounded by.
[[nodiscard]] std::string capacity_table(const Measurements& measured);

/// Markdown: what one machine of the measured kind does, simulated: CPU by process, the backlog of
/// the reference load, and what making profiles leaves.
[[nodiscard]] std::string machine_table(const Measurements& measured);

/// Markdown: simulated beside measured.
[[nodiscard]] std::string check_table(const std::vector<Check>& checks);

}  // namespace events::bench::scaling
