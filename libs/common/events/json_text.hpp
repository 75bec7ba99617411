#pragma once

#include "common/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// JSON's grammar for single tokens (RFC 8259). Pure functions on the token's own bytes.
namespace events::json {

[[nodiscard]] constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Whether the text is a number, of any size: "-0", "1e999".
[[nodiscard]] bool is_number(std::string_view text) noexcept;

enum class NoInteger : std::uint8_t { fraction, too_large };

/// The integer that a number is, however it is written: "25", "25.0", "2.5e1". `too_large`: it is
/// one beyond 64 bits. The text must be a number.
[[nodiscard]] Expected<std::int64_t, NoInteger> read_integer(std::string_view number);

/// Whether every backslash in a string's content (without its quotes) begins an escape sequence
/// that JSON knows. A lone surrogate is one.
[[nodiscard]] bool has_valid_escapes(std::string_view content) noexcept;

/// The text that a string's content stands for. Its escapes must be valid; nothing when one of
/// them is a lone surrogate, which UTF-8 can't express.
[[nodiscard]] std::optional<std::string> unescape(std::string_view content);

/// The first `most` characters (code points) of a valid UTF-8 text.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t most) noexcept;

}  // namespace events::json
