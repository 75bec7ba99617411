#include "gateway/handshake.hpp"

#include "common/http/query_string.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::size_t kMaxChallenge = 256;

using Parameters = std::map<std::string, std::string, std::less<>>;

/// Nothing when a value can't be decoded, and when a parameter is named twice.
std::optional<Parameters> parse(std::string_view query) {
    Parameters parameters;
    for (auto& [name, value] : http::split_query(query)) {
        if (!value || !parameters.emplace(std::move(name), std::move(*value)).second) {
            return std::nullopt;
        }
    }
    return parameters;
}

std::string_view value_of(const Parameters& parameters, std::string_view name) {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view{} : std::string_view{found->second};
}

bool is_challenge(std::string_view text) {
    return !text.empty() && text.size() <= kMaxChallenge &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

Expected<std::string, HandshakeError> take_challenge(std::string_view query,
                                                     const http::KeyRing& token) {
    using Refusal = Unexpected<HandshakeError>;
    const auto parameters = parse(query);
    if (!parameters) return Refusal{HandshakeError::malformed};
    if (!token.holds(value_of(*parameters, "hub.verify_token"))) {
        return Refusal{HandshakeError::wrong_token};
    }
    const auto challenge = value_of(*parameters, "hub.challenge");
    if (value_of(*parameters, "hub.mode") != "subscribe" || !is_challenge(challenge)) {
        return Refusal{HandshakeError::malformed};
    }
    return std::string{challenge};
}

http::Response challenge_response(std::string challenge) {
    return {.status = 200,
            .content_type = "text/plain; charset=utf-8",
            .body = std::move(challenge),
            .headers = {{"X-Content-Type-Options", "nosniff"},
                        {"Content-Security-Policy", "default-src 'none'; sandbox"},
                        {"Cache-Control", "no-store"}}};
}

}  // namespace events::gateway
