#pragma once

#include "common/events/event.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace events {

/// When example events happen.
inline constexpr std::string_view kExampleTime = "2026-03-01T12:00:00Z";

/// A complete valid event of that type, as its source is described: the one that the documentation
/// and the gateway's API show. Its id is the same each time, so it is stored once however often it
/// is sent. Pure.
[[nodiscard]] nlohmann::ordered_json example_event(const EventType& type);

/// A value that the field may have in events of that type; null where the type's usual is null.
[[nodiscard]] nlohmann::ordered_json example_value(const FieldSpec& field, const EventType& type);

}  // namespace events
