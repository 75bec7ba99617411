#include "common/events/form.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace events {
namespace {

std::string form_of_value(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
            return form_of_text();
        case FieldKind::choice:
            return fmt::format("one of {}", fmt::join(field.choices, ", "));
        case FieldKind::integer:
            return fmt::format("an integer from {} to {}", field.bounds.min, field.bounds.max);
        case FieldKind::time:
            return form_of_time();
        case FieldKind::amount_or_null:
            return R"(a decimal as text, such as "12.50", of up to 12 digits and 2 decimals)";
    }
    return {};
}

}  // namespace

std::string form_of(const FieldSpec& field) {
    return form_of_value(field) + (field.may_be_null() ? ", or null" : "");
}

std::string form_of_event_id() {
    return fmt::format("a string of 1 to {} characters", kMaxEventIdCharacters);
}

std::string form_of_text() {
    return fmt::format("a string of at most {} bytes", kMaxTextBytes);
}

std::string form_of_time() {
    return R"(an RFC 3339 date-time as text, such as "2026-03-01T12:00:00Z")";
}

}  // namespace events
