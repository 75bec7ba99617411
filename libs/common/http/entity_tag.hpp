#pragma once

#include <string>
#include <string_view>

namespace events::http {

/// A strong entity tag of a body, quoted: equal bodies have equal tags, others never meet in
/// practice (128 bits). Pure.
[[nodiscard]] std::string entity_tag(std::string_view body);

/// Whether an If-None-Match header names the tag (RFC 9110, 13.1.2: "*", or a list; weak tags match
/// as well). Pure.
[[nodiscard]] bool matches_entity_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace events::http
