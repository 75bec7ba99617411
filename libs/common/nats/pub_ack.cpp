#include "common/nats/pub_ack.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace events::nats {
namespace {

/// Takes `token` off the front of `text`.
bool skip(std::string_view& text, std::string_view token) {
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
}

/// Whether it is exactly {"stream":"S", "seq":7}: nearly every answer, and no reason for a JSON
/// parser. A stream's name has no quotes and no backslashes in it.
bool is_plain_ack(std::string_view text) {
    if (!skip(text, R"({"stream":")")) return false;
    const auto end_of_name = text.find_first_of("\"\\");
    if (end_of_name == 0 || end_of_name == std::string_view::npos) return false;
    text.remove_prefix(end_of_name);
    if (!skip(text, "\",")) return false;
    while (skip(text, " ")) {
    }
    if (!skip(text, R"("seq":)") || !text.ends_with('}')) return false;
    text.remove_suffix(1);
    return !text.empty() &&
           std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; });
}

}  // namespace

PublishOutcome parse_pub_ack(std::string_view text) {
    if (is_plain_ack(text)) return {.status = PublishStatus::stored, .code = 0, .error = {}};

    const auto answer = nlohmann::json::parse(text, nullptr, false);
    if (answer.is_object()) {
        const auto error = answer.find("error");
        if (error != answer.end() && error->is_object()) {
            const auto code = error->find("err_code");
            const auto reason = error->find("description");
            return {.status = PublishStatus::refused,
                    .code = code != error->end() && code->is_number() ? code->get<int>() : 0,
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
