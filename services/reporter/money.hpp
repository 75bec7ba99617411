#pragma once

#include <string>
#include <string_view>

namespace events::reporter {

/// A sum of money as PostgreSQL writes a numeric, e.g. "1234.5", as a JSON number with two
/// decimals: "1234.50". Text in, text out: a sum of many rows may be beyond every machine number.
/// Errors  std::invalid_argument for what is no amount with at most two decimals.
[[nodiscard]] std::string to_json_amount(std::string_view numeric);

/// sum / count, exact, rounded to the cent, halves away from zero, e.g. ("10", "3") -> "3.33".
/// `count` is a positive integer below 10^18.
/// Errors  std::invalid_argument for everything else.
[[nodiscard]] std::string average_amount(std::string_view sum, std::string_view count);

}  // namespace events::reporter
