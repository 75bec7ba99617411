#include "common/nats/pub_ack.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace events::nats {
namespace {

/// Takes `token` off the front of `text`.
bool skip(std::string_view& text, std::string_view token) {
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
}

/// Whether it is exactly {"stream":"S", "seq":7}: nearly every answer, and no reason for a JSON
/// parser. What a name or a number needs a parser for is left to one.
bool is_plain_ack(std::string_view text) {
    if (!skip(text, R"({"stream":")")) return false;
    const auto end_of_name = std::ranges::find_if(text, [](char c) {
        return c < ' ' || c > '~' || c == '"' || c == '\\';  // not in a plain name
    });
    if (end_of_name == text.begin()) return false;
    text.remove_prefix(static_cast<std::size_t>(end_of_name - text.begin()));
    if (!skip(text, "\",")) return false;
    while (skip(text, " ")) {
    }
    if (!skip(text, R"("seq":)") || !text.ends_with('}')) return false;
    text.remove_suffix(1);
    constexpr std::size_t kAlwaysFits = 19;  // digits, in 64 bits
    return !text.empty() && text.size() <= kAlwaysFits && text.front() != '0' &&
           std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

/// JetStream's err_code; 0 when there is none that an int holds.
int code_of(const nlohmann::json& error) {
    const auto code = error.find("err_code");
    if (code == error.end() || !code->is_number_unsigned()) return 0;
    const auto value = code->get<std::uint64_t>();
    return std::in_range<int>(value) ? static_cast<int>(value) : 0;
}

}  // namespace

PublishOutcome parse_pub_ack(std::string_view text) {
    if (is_plain_ack(text)) return {.status = PublishStatus::stored, .code = 0, .error = {}};

    // nlohmann::json takes a NUL for the end, whatever stands behind it.
    const bool whole = text.find('\0') == std::string_view::npos;
    const auto answer = nlohmann::json::parse(text, nullptr, false);
    if (whole && answer.is_object()) {
        const auto error = answer.find("error");
        if (error != answer.end() && error->is_object()) {
            const auto reason = error->find("description");
            return {.status = PublishStatus::refused,
                    .code = code_of(*error),
                    .error = reason != error->end() && reason->is_string()
                                 ? reason->get<std::string>()
                                 : "refused without a reason"};
        }
        const auto sequence = answer.find("seq");
        if (error == answer.end() && sequence != answer.end() && sequence->is_number_unsigned()) {
            const auto duplicate = answer.find("duplicate");
            const bool known = duplicate != answer.end() && *duplicate == true;
            return {.status = known ? PublishStatus::duplicate : PublishStatus::stored,
                    .code = 0,
                    .error = {}};
        }
    }
    return {.status = PublishStatus::unreachable, .code = 0, .error = "not an acknowledgement"};
}

}  // namespace events::nats
