#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace events {

/// The JSON Schema (2020-12) of an event, from the descriptions of sources(). An event that it
/// refuses is refused by the parser. What the parser refuses beyond it, since JSON Schema has no
/// words for it, stands in docs/events.md. Pure.
[[nodiscard]] nlohmann::ordered_json event_schema();

/// The same as schemas by name, the event itself as "Event", for a document that keeps its schemas
/// below `place`, e.g. "#/components/schemas/".
[[nodiscard]] nlohmann::ordered_json event_schemas(std::string_view place);

}  // namespace events
