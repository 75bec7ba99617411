#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace events::publisher {

/// How an event at the end of a POST is spoilt. The last one merely adds a field that nobody
/// knows, which is allowed: the event stays valid.
enum class Corruption : std::uint8_t {
    bad_timestamp,
    missing_event_id,
    missing_name,  ///< the user's first text
    missing_user,
    bad_stage,
    event_type_array,
    bad_engagement,  ///< a field of it has a value that it can't have
    bad_user,        ///< the same of the user
    unknown_field,
};

inline constexpr std::array<Corruption, 9> kCorruptions{
    Corruption::bad_timestamp,  Corruption::missing_event_id, Corruption::missing_name,
    Corruption::missing_user,   Corruption::bad_stage,        Corruption::event_type_array,
    Corruption::bad_engagement, Corruption::bad_user,         Corruption::unknown_field,
};

[[nodiscard]] constexpr bool makes_invalid(Corruption corruption) noexcept {
    return corruption != Corruption::unknown_field;
}

/// Of the corruptions of a field, the field; null of the others, and where the source has none:
/// then the object that would have it is left out.
[[nodiscard]] const FieldSpec* field_to_spoil(Corruption corruption,
                                              const EventType& type) noexcept;

/// A value that a field can't have.
struct SpoiltValue {
    std::string json;
    RejectionCode code;  ///< what a parser has to refuse it for
};

[[nodiscard]] SpoiltValue spoilt_value(const FieldSpec& field);

/// Where and why a parser has to refuse a corrupted event.
struct ExpectedRejection {
    RejectionCode code;
    std::string path;
};

/// What a corrupted event of that type has to be refused for; nothing where it stays valid.
[[nodiscard]] std::optional<ExpectedRejection> expected_rejection(Corruption corruption,
                                                                  const EventType& type);

}  // namespace events::publisher
