#pragma once

#include <string_view>

namespace events::http {

/// Without the blanks and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// Takes the text up to `separator` off the front of `rest`, trimmed. A separator in a quoted
/// string (RFC 9110, 5.6.4) is a part of the text.
std::string_view take_member(std::string_view& rest, char separator) noexcept;

/// The quality that a list's member has by its parameters (RFC 9110, 12.4.2), e.g. 0.5 for
/// "level=1;q=0.5"; 1 without one, 0 for one that is no number.
[[nodiscard]] double quality(std::string_view parameters) noexcept;

/// Whether an If-None-Match is "*" or lists `tag` (with its quotes), weak or strong. Pure.
[[nodiscard]] bool matches_tag(std::string_view if_none_match, std::string_view tag) noexcept;

}  // namespace events::http
