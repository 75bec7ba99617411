#pragma once

#include "filter.hpp"
#include "recount.hpp"

#include <random>

namespace events::reporter {

/// Random parameters in combinations that reports accept, taken from the rows themselves, so that
/// many of them find something.
[[nodiscard]] AskedFilter random_filter(const std::vector<StoredEvent>& rows, std::mt19937& random);

[[nodiscard]] Grouping random_grouping(std::mt19937& random);

}  // namespace events::reporter
