#pragma once

#include <string>
#include <string_view>

namespace events::config {

/// The text without the blanks and line breaks around it, which editors and templates leave behind.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Whether two ASCII texts differ in nothing but the case of their letters.
[[nodiscard]] bool equal_in_any_case(std::string_view left, std::string_view right);

/// Whether it could be a URL with a user part, which no message may quote.
[[nodiscard]] bool may_hold_credentials(std::string_view text);

/// The text as a message may quote it: in one line, and "***" where it could hold credentials.
[[nodiscard]] std::string shown(std::string_view text);

/// Whether it could be the name or the address of a host: letters, digits, '.', '-', '_', and ':'
/// and '%' for addresses. Nobody is asked for it.
[[nodiscard]] bool is_host(std::string_view text);

}  // namespace events::config
