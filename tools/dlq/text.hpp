#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace events::dlq {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// What of a text may go to a terminal. Bytes that are not UTF-8 become \xNN; control characters,
/// the escape sequences' ESC first of all, and what turns the direction of text or hides in it
/// become \xNN or \u{NNNN}. The rest, a backslash too, stays as it is: this is for eyes, the export
/// is for programs.
[[nodiscard]] std::string printable(std::string_view text);

/// The first `columns` characters of printable(text), the last one as "…" where there were more.
/// Looks at no more of the text than that takes.
[[nodiscard]] std::string abridged(std::string_view text, std::size_t columns);

/// Code points of a valid UTF-8 text.
[[nodiscard]] std::size_t characters(std::string_view text) noexcept;

}  // namespace events::dlq
