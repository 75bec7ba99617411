#pragma once

#include "common/http/router.hpp"

#include <string>
#include <string_view>

namespace events::gateway {

/// web/openapi.json with what the sources' descriptions say put in: the schemas of an event, an
/// example of each type, and the codes of refusals. Pure.
[[nodiscard]] std::string describe_api(std::string_view text);

/// Routes for the API's description with its viewer, and for an event's JSON Schema. They need
/// nothing but the process itself, and no key.
void add_description_routes(http::Router& router);

}  // namespace events::gateway
