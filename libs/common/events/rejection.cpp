#include "common/events/rejection.hpp"

namespace events {

std::string_view to_string(RejectionCode code) noexcept {
    // No default: the compiler names a code that is added without a wire name.
    switch (code) {
        case RejectionCode::malformed_json:
            return "malformed_json";
        case RejectionCode::not_an_object:
            return "not_an_object";
        case RejectionCode::too_deep:
            return "too_deep";
        case RejectionCode::too_large:
            return "too_large";
        case RejectionCode::missing_field:
            return "missing_field";
        case RejectionCode::wrong_type:
            return "wrong_type";
        case RejectionCode::unknown_value:
            return "unknown_value";
        case RejectionCode::out_of_range:
            return "out_of_range";
        case RejectionCode::malformed_value:
            return "malformed_value";
        case RejectionCode::stage_mismatch:
            return "stage_mismatch";
        case RejectionCode::in_the_future:
            return "in_the_future";
        case RejectionCode::too_old:
            return "too_old";
        case RejectionCode::refused_by_database:
            return "refused_by_database";
        case RejectionCode::malformed_body:
            return "malformed_body";
        case RejectionCode::too_large_for_the_broker:
            return "too_large_for_the_broker";
    }
    return "unknown";
}

}  // namespace events
