#pragma once

#include "common/events/event.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string_view>

namespace events::fuzz {

/// The text as nlohmann::json reads it; nothing when it is not JSON.
///
/// Two things that are JSON (RFC 8259) and that it refuses are taken out first: escapes of lone
/// surrogates, which become '?', and numbers that a double can't hold, of which digits are dropped.
[[nodiscard]] std::optional<nlohmann::json> read_json(std::string_view text);

/// Whether the event holds what the JSON of it says, field by field, read independently.
[[nodiscard]] bool holds(const Event& event, const nlohmann::json& json);

}  // namespace events::fuzz
