#include "common/events/field_reader.hpp"

#include "common/events/form.hpp"
#include "common/events/json_text.hpp"
#include "common/events/money.hpp"
#include "common/events/time.hpp"

#include <fmt/format.h>

#include <charconv>

namespace events {
namespace {

constexpr std::size_t kMaxShownCharacters = 40;

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

void FieldReader::list(Field field, RejectionCode code, Words words) {
    const auto path = Vocabulary::of_sources().path(field);
    Rejection problem{.code = code,
                      .path = std::string{path},
                      .message = path.empty() ? words.what : fmt::format("{} {}", path, words.what),
                      .event_id = std::nullopt,
                      .found = std::move(words.found)};
    ++listed_;
    if (problem_) {
        problem_->more.push_back(std::move(problem));
    } else {
        problem_ = std::move(problem);
    }
}

std::string FieldReader::found(Field field) const {
    const auto value = found_[field];
    if (value.starts_with('{')) return "it is an object";
    if (value.starts_with('[')) return "it is an array";
    const auto start = json::first_characters(value, kMaxShownCharacters);
    return fmt::format("it is {}{}", start, start.size() < value.size() ? "..." : "");
}

void FieldReader::refuse_value(Field field, RejectionCode code, const std::string& form) {
    refuse(field, code, [&] { return Words{"must be " + form, found(field)}; });
}

void FieldReader::refuse_kind(Field field, const std::string& form) {
    if (!found_[field].empty()) {
        const auto code = is_null(field) ? RejectionCode::missing_field : RejectionCode::wrong_type;
        return refuse_value(field, code, form);
    }
    const auto object = Vocabulary::of_sources().object_of(field);
    if (object != Field::event && !found_[object].starts_with('{')) return;
    refuse(field, RejectionCode::missing_field, [&] {
        return Words{"is missing: it must be " + form, {}};
    });
}

void FieldReader::object(Field field) {
    static const std::string kForm{"an object"};
    if (!found_[field].starts_with('{')) refuse_kind(field, kForm);
}

std::string_view FieldReader::any_text(Field field, const std::string& form) {
    const auto value = found_[field];
    if (!value.starts_with('"')) {
        refuse_kind(field, form);
        return {};
    }
    const auto content = without_quotes(value);
    if (!found_.has_escapes() || content.find('\\') == std::string_view::npos) return content;
    return unescaped(field, content);
}

std::string_view FieldReader::unescaped(Field field, std::string_view content) {
    auto text = json::unescape(content);
    const char* problem = nullptr;
    if (!text) {
        problem = "must not hold a lone surrogate";
    } else if (has_nul(*text)) {
        problem = "must not hold a NUL character";
    }
    if (problem == nullptr) return arena_.add(std::move(*text));
    refuse(field, RejectionCode::malformed_value, [&] { return Words{problem, found(field)}; });
    return {};
}

void FieldReader::refuse_length(Field field, const std::string& form, std::size_t bytes) {
    refuse(field, RejectionCode::out_of_range, [&] {
        return Words{"must be " + form, fmt::format("it has {} bytes", bytes)};
    });
}

std::string_view FieldReader::text(Field field, const std::string& form) {
    const auto text = any_text(field, form);
    if (text.size() <= kMaxTextBytes) return text;
    refuse_length(field, form, text.size());
    return {};
}

std::string_view FieldReader::event_id(const std::string& form) {
    const auto id = any_text(Field::event_id, form);
    if (id.data() == nullptr) return {};
    if (id.empty() || json::first_characters(id, kMaxEventIdCharacters).size() != id.size()) {
        refuse_value(Field::event_id, RejectionCode::out_of_range, form);
    }
    return id;
}

std::int64_t FieldReader::integer(Field field, const Bounds& bounds, const std::string& form) {
    const auto value = found_[field];
    const bool is_number =
        !value.empty() && (value.front() == '-' || (value.front() >= '0' && value.front() <= '9'));
    const auto number = is_number ? json::read_integer(value)
                                  : Unexpected<json::NoInteger>{json::NoInteger::fraction};
    if (!number && number.error() == json::NoInteger::fraction) {
        refuse_kind(field, form);
        return 0;
    }
    if (!number || *number < bounds.min || *number > bounds.max) {
        refuse_value(field, RejectionCode::out_of_range, form);
        return 0;
    }
    return *number;
}

std::optional<Timestamp> FieldReader::time(Field field, const std::string& form) {
    const auto value = text(field, form);
    if (value.data() == nullptr) return std::nullopt;
    const auto time = parse_timestamp(value);
    if (!time) refuse_value(field, RejectionCode::malformed_value, form);
    return time;
}

std::string_view FieldReader::amount(Field field, const std::string& form) {
    const auto amount = text(field, form);
    if (amount.data() != nullptr && !parse_amount(amount)) {
        refuse_value(field, RejectionCode::malformed_value, form);
    }
    return amount;
}

std::optional<std::size_t> FieldReader::one_of(Field field,
                                               std::span<const std::string_view> choices,
                                               const std::string& form) {
    const auto value = text(field, form);
    if (value.data() == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i] == value) return i;
    }
    refuse_value(field, RejectionCode::unknown_value, form);
    return std::nullopt;
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
