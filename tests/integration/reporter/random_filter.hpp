#pragma once

#include "filter.hpp"
#include "reporter/query.hpp"

#include <random>

namespace events::reporter {

/// Random parameters that the report knows, in combinations that it accepts, taken from the rows
/// themselves, so that most of them find something.
[[nodiscard]] Filter random_filter(Category report, const std::vector<StoredEvent>& rows,
                                   std::mt19937& random);

}  // namespace events::reporter
