#pragma once

#include "common/http/field_values.hpp"

#include <string>
#include <string_view>

namespace events::reporter {

using http::matches_tag;

/// Whether an Accept prefers text/csv to application/json. JSON is the answer to whoever doesn't
/// ask, takes both alike, or takes neither. Pure.
[[nodiscard]] bool prefers_csv(std::string_view accept) noexcept;

/// A strong entity tag of a body, with its quotes: others meet in 128 bits only by design. Pure.
[[nodiscard]] std::string entity_tag(std::string_view body);

}  // namespace events::reporter
