#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace events::config {

/// "p%40ss" as "p@ss". Nothing when a '%' is not followed by two hexadecimal digits, and for %00,
/// which no C library takes.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace events::config
