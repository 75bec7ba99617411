#include "publisher/corruption.hpp"

#include "common/sources/facebook.hpp"

namespace events::publisher {
namespace {

ExpectedRejection bad_engagement(const EventType& type) noexcept {
    const bool top = type.stage == FunnelStage::top;
    if (type.source == kFacebook) {
        return {RejectionCode::unknown_value,
                top ? "data.engagement.referrer" : "data.engagement.clickPosition"};
    }
    if (top) return {RejectionCode::out_of_range, "data.engagement.percentageWatched"};
    return {RejectionCode::malformed_value, "data.engagement.purchaseAmount"};
}

}  // namespace

std::optional<ExpectedRejection> expected_rejection(Corruption corruption,
                                                    const EventType& type) noexcept {
    const bool facebook = type.source == kFacebook;
    switch (corruption) {
        case Corruption::bad_timestamp:
            return ExpectedRejection{RejectionCode::malformed_value, "timestamp"};
        case Corruption::missing_event_id:
            return ExpectedRejection{RejectionCode::missing_field, "eventId"};
        case Corruption::missing_name:
            return ExpectedRejection{RejectionCode::missing_field,
                                     facebook ? "data.user.name" : "data.user.username"};
        case Corruption::missing_user:
            return ExpectedRejection{RejectionCode::missing_field, "data.user"};
        case Corruption::bad_stage:
            return ExpectedRejection{RejectionCode::unknown_value, "funnelStage"};
        case Corruption::event_type_array:
            return ExpectedRejection{RejectionCode::wrong_type, "eventType"};
        case Corruption::bad_engagement:
            return bad_engagement(type);
        case Corruption::bad_gender_or_followers:
            if (facebook)
                return ExpectedRejection{RejectionCode::unknown_value, "data.user.gender"};
            return ExpectedRejection{RejectionCode::wrong_type, "data.user.followers"};
        case Corruption::unknown_field:
            break;
    }
    return std::nullopt;
}

}  // namespace events::publisher
