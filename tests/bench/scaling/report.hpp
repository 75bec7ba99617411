#pragma once

#include "measurements.hpp"

#include <string>

namespace events::bench::scaling {

/// Markdown: what 100 thousand, 1 million and 10 million events a second need, with one line of
/// what each number is bounded by.
[[nodiscard]] std::string capacity_table(const Measurements& measured);

}  // namespace events::bench::scaling
