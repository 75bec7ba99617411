#pragma once

#include "common/segments/question.hpp"

#include <cstdint>
#include <string>

namespace events::reporter {

/// Cents as a JSON number with two decimals: 123450 is "1234.50". Exact, whatever the size. Pure.
[[nodiscard]] std::string to_json_amount(segments::Cents128 cents);

/// cents / count, exact, rounded to the cent, halves away from zero: (1000, 3) is "3.33".
/// `count` is positive. Pure.
[[nodiscard]] std::string average_amount(segments::Cents128 cents, std::int64_t count);

}  // namespace events::reporter
