#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events {

/// Why an event is invalid: a closed list, which is also the `reason` label of the metrics and
/// the X-Reason-Code of a dead letter.
enum class RejectionCode : std::uint8_t {
    malformed_json,            ///< this element or line is not JSON (or not UTF-8)
    not_an_object,             ///< JSON, but not an object
    too_deep,                  ///< nested deeper than kMaxDepth
    too_large,                 ///< one event larger than kMaxEventBytes
    missing_field,             ///< a required field is absent, or null where null is not allowed
    wrong_type,                ///< e.g. a string where an integer is required
    unknown_value,             ///< not one of an enum's values
    out_of_range,              ///< a number or a length outside its bounds
    malformed_value,           ///< a string that is not what it should hold: timestamp, amount, NUL
    stage_mismatch,            ///< funnelStage is not the stage of the event type
    in_the_future,             ///< timestamp more than 24 h ahead of the gateway's clock
    too_old,                   ///< timestamp before what is kept of the source
    refused_by_database,       ///< collectors only: PostgreSQL refuses the row's content
    malformed_body,            ///< gateway only: a whole body that holds no events
    too_large_for_the_broker,  ///< gateway only: valid, but beyond the broker's max_payload
};

/// What a gateway can find wrong; its metrics have a series for each.
inline constexpr std::array kGatewayRejections{
    RejectionCode::malformed_json,  RejectionCode::not_an_object,
    RejectionCode::too_deep,        RejectionCode::too_large,
    RejectionCode::missing_field,   RejectionCode::wrong_type,
    RejectionCode::unknown_value,   RejectionCode::out_of_range,
    RejectionCode::malformed_value, RejectionCode::stage_mismatch,
    RejectionCode::in_the_future,   RejectionCode::too_old,
    RejectionCode::malformed_body,  RejectionCode::too_large_for_the_broker,
};

/// What a collector can find wrong with what the stream holds.
inline constexpr std::array kCollectorRejections{
    RejectionCode::malformed_json, RejectionCode::not_an_object, RejectionCode::too_deep,
    RejectionCode::too_large,      RejectionCode::missing_field, RejectionCode::wrong_type,
    RejectionCode::unknown_value,  RejectionCode::out_of_range,  RejectionCode::malformed_value,
    RejectionCode::stage_mismatch, RejectionCode::too_old,       RejectionCode::refused_by_database,
};

/// The code's wire name, e.g. "missing_field".
[[nodiscard]] std::string_view to_string(RejectionCode code) noexcept;

/// Why an event is invalid: the first of its problems, and the others behind it.
struct Rejection {
    RejectionCode code;
    std::string path;     ///< the offending field, e.g. "data.user.age"; empty: the whole event
    std::string message;  ///< one sentence of what would be right; quotes nothing of the event
    std::optional<std::string> event_id;  ///< where it could be read
    /// What stands there instead, cut to some characters, e.g. "it is 151"; empty where nothing
    /// does. For the event's sender only: the one part that quotes a value.
    std::string found{};
    std::vector<Rejection> more{};  ///< the event's further problems, without these last members
    std::size_t left_out = 0;       ///< how many more it has
};

}  // namespace events
