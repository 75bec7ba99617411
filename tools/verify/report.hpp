#pragma once

#include "verify/partition_check.hpp"

#include <string>
#include <string_view>

namespace events::verify {

/// What there is to tell of a partition: a line where it is well, else also what differs and the
/// statement that mends it. Nothing of a person: times, types and counts. `schema` is
/// DATABASE_SCHEMA.
[[nodiscard]] std::string format_outcome(const Outcome& outcome, std::string_view schema);

}  // namespace events::verify
