#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

namespace events::dlq {

// JSON that anybody may have written: the one place where the tool decides what is JSON.
// nlohmann::json alone takes a NUL for the end, whatever stands behind it.

/// Whether all of the text is one JSON value (RFC 8259), however deep it is nested.
[[nodiscard]] bool is_json(std::string_view text);

/// The value; nothing where the text is not one.
[[nodiscard]] std::optional<nlohmann::json> read_json(std::string_view text);

}  // namespace events::dlq
