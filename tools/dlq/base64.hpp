#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace events::dlq {

/// RFC 4648, section 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// Nothing for what to_base64() would not have written: other characters, wrong padding, bits
/// that are not zero behind the last byte.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace events::dlq
