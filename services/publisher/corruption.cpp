#include "publisher/corruption.hpp"

#include <initializer_list>
#include <limits>

namespace events::publisher {
namespace {

bool is_bounded(const FieldSpec& field) {
    return field.kind == FieldKind::integer &&
           field.bounds.max < std::numeric_limits<std::int64_t>::max();
}

bool is_text(const FieldSpec& field) {
    return field.kind == FieldKind::text || field.kind == FieldKind::text_or_null;
}
bool is_choice(const FieldSpec& field) {
    return field.kind == FieldKind::choice;
}
bool is_integer(const FieldSpec& field) {
    return field.kind == FieldKind::integer;
}
bool is_limited(const FieldSpec& field) {
    return is_choice(field) || is_bounded(field) || field.kind == FieldKind::amount_or_null;
}
bool is_any(const FieldSpec& /*field*/) {
    return true;
}

/// The first field that is like the first of `likes`, else like the next one; null where none is.
template <typename Belongs>
const FieldSpec* find_field(Source source, Belongs belongs,
                            std::initializer_list<bool (*)(const FieldSpec&)> likes) {
    for (const auto& is_like : likes) {
        for (const auto& field : source.fields()) {
            if (belongs(field) && is_like(field)) return &field;
        }
    }
    return nullptr;
}

ExpectedRejection of_field(const FieldSpec* field, RejectionCode code, const char* object) {
    if (field == nullptr) return {RejectionCode::missing_field, object};
    return {code, "data." + std::string{field->path}};
}

}  // namespace

const FieldSpec* field_to_spoil(Corruption corruption, const EventType& type) noexcept {
    const auto source = type.source;
    const auto of_user = [](const FieldSpec& field) { return field.is_of_user(); };
    const auto of_engagement = [&type](const FieldSpec& field) {
        return !field.is_of_user() && field.is_in(type.stage);
    };
    switch (corruption) {
        case Corruption::missing_name:
            return find_field(source, of_user, {is_text, is_any});
        case Corruption::bad_user:
            return find_field(source, of_user, {is_choice, is_integer, is_any});
        case Corruption::bad_engagement:
            return find_field(source, of_engagement, {is_limited, is_any});
        case Corruption::bad_timestamp:
        case Corruption::missing_event_id:
        case Corruption::missing_user:
        case Corruption::bad_stage:
        case Corruption::event_type_array:
        case Corruption::unknown_field:
            break;
    }
    return nullptr;
}

SpoiltValue spoilt_value(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
            return {"7", RejectionCode::wrong_type};
        case FieldKind::choice:
            return {R"("none of them")", RejectionCode::unknown_value};
        case FieldKind::integer:
            if (!is_bounded(field)) return {R"("a lot")", RejectionCode::wrong_type};
            return {std::to_string(field.bounds.max + 1), RejectionCode::out_of_range};
        case FieldKind::time:
            return {R"("yesterday at noon")", RejectionCode::malformed_value};
        case FieldKind::amount_or_null:
            return {R"("12.345")", RejectionCode::malformed_value};
    }
    return {};
}

std::optional<ExpectedRejection> expected_rejection(Corruption corruption, const EventType& type) {
    const auto* field = field_to_spoil(corruption, type);
    const auto code = field == nullptr ? RejectionCode{} : spoilt_value(*field).code;
    switch (corruption) {
        case Corruption::bad_timestamp:
            return ExpectedRejection{RejectionCode::malformed_value, "timestamp"};
        case Corruption::missing_event_id:
            return ExpectedRejection{RejectionCode::missing_field, "eventId"};
        case Corruption::missing_name:
            return of_field(field, RejectionCode::missing_field, "data.user");
        case Corruption::missing_user:
            return ExpectedRejection{RejectionCode::missing_field, "data.user"};
        case Corruption::bad_stage:
            return ExpectedRejection{RejectionCode::unknown_value, "funnelStage"};
        case Corruption::event_type_array:
            return ExpectedRejection{RejectionCode::wrong_type, "eventType"};
        case Corruption::bad_engagement:
            return of_field(field, code, "data.engagement");
        case Corruption::bad_user:
            return of_field(field, code, "data.user");
        case Corruption::unknown_field:
            break;
    }
    return std::nullopt;
}

}  // namespace events::publisher
