#pragma once

#include "common/sources/field.hpp"

#include <cstddef>
#include <string>

namespace events {

/// Of every text of an event, where its field has no other bound.
inline constexpr std::size_t kMaxTextBytes = 1024;
inline constexpr std::size_t kMaxEventIdCharacters = 128;

/// What a field must hold, for people: continues "it must be", e.g. "an integer from 0 to 150".
[[nodiscard]] std::string form_of(const FieldSpec& field);

// The same of the fields that every event has.
[[nodiscard]] std::string form_of_event_id();
[[nodiscard]] std::string form_of_text();
[[nodiscard]] std::string form_of_time();

}  // namespace events
