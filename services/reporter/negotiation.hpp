#pragma once

#include <string>
#include <string_view>

namespace events::reporter {

/// Whether an Accept prefers text/csv to application/json. JSON is the answer to whoever doesn't
/// ask, takes both alike, or takes neither. Pure.
[[nodiscard]] bool prefers_csv(std::string_view accept) noexcept;

/// A strong entity tag of a body, with its quotes: others meet in 128 bits only by design. Pure.
[[nodiscard]] std::string entity_tag(std::string_view body);

/// Whether an If-None-Match is "*" or lists `tag` (with its quotes), weak or strong. Pure.
[[nodiscard]] bool matches_tag(std::string_view if_none_match, std::string_view tag) noexcept;

}  // namespace events::reporter
