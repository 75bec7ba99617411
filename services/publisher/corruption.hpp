#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace events::publisher {

/// How an event at the end of a POST is spoilt. The last one merely adds a field that nobody
/// knows, which is allowed: the event stays valid.
enum class Corruption : std::uint8_t {
    bad_timestamp,
    missing_event_id,
    missing_name,  ///< facebook: name, tiktok: username
    missing_user,
    bad_stage,
    event_type_array,
    bad_engagement,
    bad_gender_or_followers,  ///< facebook: gender, tiktok: followers
    unknown_field,
};

inline constexpr std::array<Corruption, 9> kCorruptions{
    Corruption::bad_timestamp,  Corruption::missing_event_id,
    Corruption::missing_name,   Corruption::missing_user,
    Corruption::bad_stage,      Corruption::event_type_array,
    Corruption::bad_engagement, Corruption::bad_gender_or_followers,
    Corruption::unknown_field,
};

[[nodiscard]] constexpr bool makes_invalid(Corruption corruption) noexcept {
    return corruption != Corruption::unknown_field;
}

/// Where and why a parser has to refuse a corrupted event.
struct ExpectedRejection {
    RejectionCode code;
    std::string_view path;
};

/// What a corrupted event of that type has to be refused for; nothing where it stays valid.
[[nodiscard]] std::optional<ExpectedRejection> expected_rejection(Corruption corruption,
                                                                  const EventType& type) noexcept;

}  // namespace events::publisher
