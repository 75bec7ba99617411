#include "oracle.hpp"

#include "common/events/time.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace events::fuzz {
namespace {

using nlohmann::json;

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Whether the text begins with the escape of a surrogate whose second digit is one of these.
bool begins_with_surrogate(std::string_view text, std::string_view digits) {
    return text.size() >= 6 && text.starts_with("\\u") && (text[2] == 'd' || text[2] == 'D') &&
           digits.find(text[3]) != std::string_view::npos && is_hex(text[4]) && is_hex(text[5]);
}

/// Copies a string of the JSON up to its closing quote, and gives the place behind it.
std::size_t copy_string(std::string_view text, std::size_t at, std::string& out) {
    constexpr std::string_view kHigh = "89abAB";
    constexpr std::string_view kLow = "cdefCDEF";
    out += text[at++];
    while (at < text.size() && text[at] != '"') {
        const auto rest = text.substr(at);
        std::size_t taken = rest.starts_with('\\') && rest.size() > 1 ? 2 : 1;
        if (begins_with_surrogate(rest, kHigh) && begins_with_surrogate(rest.substr(6), kLow)) {
            taken = 12;
        } else if (begins_with_surrogate(rest, kHigh) || begins_with_surrogate(rest, kLow)) {
            out += '?';
            at += 6;
            continue;
        }
        out += rest.substr(0, taken);
        at += taken;
    }
    if (at < text.size()) out += text[at++];
    return at;
}

/// Copies a number, its exponent without its digits but one, and no run of digits beyond an
/// int64's.
std::size_t copy_number(std::string_view text, std::size_t at, std::string& out) {
    std::size_t run = 0;
    bool exponent = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (is_digit(c)) {
            if (++run <= (exponent ? 1U : 19U)) out += exponent ? '0' : c;
            continue;
        }
        if (std::string_view{"+-.eE"}.find(c) == std::string_view::npos) break;
        run = 0;
        exponent = exponent || c == 'e' || c == 'E';
        out += c;
    }
    return at;
}

std::string tamed(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            at = copy_string(text, at, out);
        } else if (text[at] == '-' || is_digit(text[at])) {
            at = copy_number(text, at, out);
        } else {
            out += text[at++];
        }
    }
    return out;
}

bool same(std::optional<std::string_view> ours, const json& theirs) {
    if (!ours) return theirs.is_null();
    return theirs.is_string() && theirs.get_ref<const std::string&>() == *ours;
}

bool same(std::int64_t ours, const json& theirs) {
    if (theirs.is_number_integer()) return theirs.get<std::int64_t>() == ours;
    return theirs.is_number() && theirs.get<double>() == static_cast<double>(ours);
}

bool same(Timestamp ours, const json& theirs) {
    return theirs.is_string() && parse_timestamp(theirs.get_ref<const std::string&>()) == ours;
}

bool same(const FieldSpec& field, const Value& ours, const json& theirs) {
    if (field.may_be_null() && ours.is_null()) return theirs.is_null();
    switch (field.kind) {
        case FieldKind::integer:
            return same(ours.integer(), theirs);
        case FieldKind::time:
            return same(ours.time(), theirs);
        default:
            return same(ours.text(), theirs);
    }
}

const json& at(const json& object, std::string_view path) {
    const auto dot = path.find('.');
    const auto& value = object.at(std::string{path.substr(0, dot)});
    return dot == std::string_view::npos ? value : at(value, path.substr(dot + 1));
}

bool holds_values(const Event& event, const json& data) {
    const auto fields = event.type->source.fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto& value = event.values[i];
        const bool is_same = fields[i].is_in(event.type->stage)
                                 ? same(fields[i], value, at(data, fields[i].path))
                                 : value.is_null();
        if (!is_same) return false;
    }
    return true;
}

}  // namespace

std::optional<json> read_json(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return std::nullopt;  // its parser ends there
    auto read = json::parse(text, nullptr, false);
    if (read.is_discarded()) read = json::parse(tamed(text), nullptr, false);
    if (read.is_discarded()) return std::nullopt;
    return read;
}

bool holds(const Event& event, const json& json) try {
    const auto& data = json.at("data");
    const bool head = same(event.event_id, json.at("eventId")) &&
                      same(event.timestamp, json.at("timestamp")) &&
                      same(event.type->name, json.at("eventType")) &&
                      same(event.type->source.name(), json.at("source")) &&
                      same(to_string(event.type->stage), json.at("funnelStage"));
    return head && same(event.user_id, data.at("user").at("userId")) && holds_values(event, data);
} catch (const nlohmann::json::exception&) {
    return false;  // a field that is missing, or of another type
}

}  // namespace events::fuzz
