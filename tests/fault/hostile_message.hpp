#pragma once

#include <cstddef>
#include <string_view>

namespace events::test {

/// Stands in everything that a hostile message has in the place of an event, with a number of so
/// many digits behind it: together the id in the ledger, and of its dead letter.
inline constexpr std::string_view kHostile = "hostile-";
inline constexpr std::size_t kHostileDigits = 8;

}  // namespace events::test
