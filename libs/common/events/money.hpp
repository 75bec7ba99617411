#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace events {

/// Whole cents; exact, never a float.
enum class Cents : std::int64_t {};

/// Reads a decimal amount, e.g. "12.5" as 1250 cents.
///
/// Shape   1 to 12 digits, then optionally '.' and one or two digits. ASCII, no sign, no spaces.
/// Units   in: major units; out: cents, exact, never rounded.
/// Errors  nothing for everything else ("", "1.", "1.234", "1e3").
/// Source  contract, section 2.
[[nodiscard]] std::optional<Cents> parse_amount(std::string_view text) noexcept;

/// "12.50": always two digits behind the point. parse_amount reads it back.
[[nodiscard]] std::string format_amount(Cents amount);

}  // namespace events
