#include "common/events/field_reader.hpp"

#include "common/events/json_text.hpp"
#include "common/events/money.hpp"
#include "common/events/time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace events {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::size_t kMaxEventIdCharacters = 128;

bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

std::string_view without_quotes(std::string_view string) {
    return string.substr(1, string.size() - 2);
}

/// A string's text, for a rejection; nothing where the value is no readable string.
std::optional<std::string> readable(std::string_view value) {
    if (!value.starts_with('"')) return std::nullopt;
    auto text = json::unescape(without_quotes(value));
    if (text && has_nul(*text)) return std::nullopt;
    return text;
}

}  // namespace

void FieldReader::refuse(Field field, RejectionCode code, std::string_view what) {
    if (problem_) return;
    const auto path = Vocabulary::of_sources().path(field);
    problem_ = Rejection{.code = code,
                         .path = std::string{path},
                         .message = fmt::format("{} {}", path, what),
                         .event_id = std::nullopt};
}

std::string_view FieldReader::required(Field field) {
    if (problem_) return {};
    const auto value = found_[field];
    if (value.empty()) {
        refuse(field, RejectionCode::missing_field, "is missing");
    } else if (is_null(field)) {
        refuse(field, RejectionCode::missing_field, "must not be null");
    }
    return problem_ ? std::string_view{} : value;
}

void FieldReader::object(Field field) {
    const auto value = required(field);
    if (!problem_ && value.front() != '{') {
        refuse(field, RejectionCode::wrong_type, "must be an object");
    }
}

std::string_view FieldReader::any_text(Field field) {
    const auto value = required(field);
    if (problem_) return {};
    if (value.front() != '"') {
        refuse(field, RejectionCode::wrong_type, "must be a string");
        return {};
    }
    const auto content = without_quotes(value);
    if (!found_.has_escapes() || content.find('\\') == std::string_view::npos) return content;

    auto text = json::unescape(content);
    if (!text) {
        refuse(field, RejectionCode::malformed_value, "must not hold a lone surrogate");
        return {};
    }
    if (has_nul(*text)) {
        refuse(field, RejectionCode::malformed_value, "must not hold a NUL character");
        return {};
    }
    return arena_.add(std::move(*text));
}

std::string_view FieldReader::text(Field field) {
    const auto text = any_text(field);
    if (text.size() <= kMaxTextBytes) return text;
    refuse(field, RejectionCode::out_of_range,
           fmt::format("must be at most {} bytes long", kMaxTextBytes));
    return {};
}

std::string_view FieldReader::event_id() {
    const auto id = any_text(Field::event_id);
    if (problem_) return {};
    if (id.empty() || json::first_characters(id, kMaxEventIdCharacters).size() != id.size()) {
        refuse(Field::event_id, RejectionCode::out_of_range,
               fmt::format("must be 1 to {} characters long", kMaxEventIdCharacters));
    }
    return id;
}

std::int64_t FieldReader::integer(Field field, const Bounds& bounds) {
    const auto value = required(field);
    if (problem_) return 0;
    const bool is_number = value.front() == '-' || (value.front() >= '0' && value.front() <= '9');
    const auto number = is_number ? json::read_integer(value)
                                  : Unexpected<json::NoInteger>{json::NoInteger::fraction};
    if (!number && number.error() == json::NoInteger::fraction) {
        refuse(field, RejectionCode::wrong_type, "must be an integer");
        return 0;
    }
    if (!number || *number < bounds.min || *number > bounds.max) {
        refuse(field, RejectionCode::out_of_range,
               fmt::format("must be an integer from {} to {}", bounds.min, bounds.max));
        return 0;
    }
    return *number;
}

Timestamp FieldReader::time(Field field) {
    const auto value = text(field);
    if (problem_) return {};
    const auto time = parse_timestamp(value);
    if (!time) {
        refuse(field, RejectionCode::malformed_value,
               "must be an RFC 3339 date-time such as 2026-03-01T12:00:00.123456Z");
    }
    return time.value_or(Timestamp{});
}

std::string_view FieldReader::amount(Field field) {
    const auto amount = text(field);
    if (!problem_ && !parse_amount(amount)) {
        refuse(field, RejectionCode::malformed_value,
               "must be a decimal amount of up to 12 digits and 2 decimals, such as 12.50");
    }
    return amount;
}

std::size_t FieldReader::one_of(Field field, std::span<const std::string_view> choices) {
    const auto value = text(field);
    if (problem_) return 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i] == value) return i;
    }
    refuse(field, RejectionCode::unknown_value,
           fmt::format("must be one of {}", fmt::join(choices, ", ")));
    return 0;
}

std::optional<std::string> FieldReader::readable_event_id() const {
    auto id = readable(found_[Field::event_id]);
    if (id) id->resize(json::first_characters(*id, kMaxEventIdCharacters).size());
    return id;
}

std::optional<Source> FieldReader::readable_source() const {
    const auto name = readable(found_[Field::source]);
    return name ? find_source(*name) : std::nullopt;
}

}  // namespace events
