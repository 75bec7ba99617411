#include "common/nats/pub_ack.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace events::nats {
namespace {

/// Takes `token` off the front of `text`.
bool skip(std::string_view& text, std::string_view token) {
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
}

struct PlainAck {
    std::string_view stream;
    std::uint64_t sequence = 0;
};

/// Reads exactly {"stream":"S", "seq":7}: nearly every answer, and no reason for a JSON parser.
/// Nothing where a name or a number needs one.
std::optional<PlainAck> read_plain_ack(std::string_view text) {
    if (!skip(text, R"({"stream":")")) return {};
    const auto end_of_name = std::ranges::find_if(text, [](char c) {
        return c < ' ' || c > '~' || c == '"' || c == '\\';  // not in a plain name
    });
    const auto name = text.substr(0, static_cast<std::size_t>(end_of_name - text.begin()));
    if (name.empty()) return {};
    text.remove_prefix(name.size());
    if (!skip(text, "\",")) return {};
    while (skip(text, " ")) {
    }
    if (!skip(text, R"("seq":)") || !text.ends_with('}')) return {};
    text.remove_suffix(1);
    if (text.starts_with('0')) return {};
    PlainAck ack{.stream = name};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, ack.sequence);
    return error == std::errc{} && rest == end ? std::optional{ack} : std::nullopt;
}

std::string text_of(const nlohmann::json& answer, const char* name, const char* otherwise) {
    const auto text = answer.find(name);
    return text != answer.end() && text->is_string() ? text->get<std::string>() : otherwise;
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
    if (const auto ack = read_plain_ack(text)) {
        return {.status = PublishStatus::stored,
                .code = 0,
                .error = {},
                .stream = std::string{ack->stream},
                .sequence = ack->sequence};
    }

    // nlohmann::json takes a NUL for the end, whatever stands behind it.
    const bool whole = text.find('\0') == std::string_view::npos;
    const auto answer = nlohmann::json::parse(text, nullptr, false);
    if (whole && answer.is_object()) {
        const auto error = answer.find("error");
        if (error != answer.end() && error->is_object()) {
            return {.status = PublishStatus::refused,
                    .code = code_of(*error),
                    .error = text_of(*error, "description", "refused without a reason"),
                    .stream = text_of(answer, "stream", "")};
        }
        const auto sequence = answer.find("seq");
        if (error == answer.end() && sequence != answer.end() && sequence->is_number_unsigned()) {
            const auto duplicate = answer.find("duplicate");
            const bool known = duplicate != answer.end() && *duplicate == true;
            return {.status = known ? PublishStatus::duplicate : PublishStatus::stored,
                    .code = 0,
                    .error = {},
                    .stream = text_of(answer, "stream", ""),
                    .sequence = sequence->get<std::uint64_t>()};
        }
    }
    return {.status = PublishStatus::unreachable, .code = 0, .error = "not an acknowledgement"};
}

}  // namespace events::nats
