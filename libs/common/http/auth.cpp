#include "common/http/auth.hpp"

#include "common/http/problem.hpp"

#include <boost/beast/core/string.hpp>

namespace events::http {
namespace {

using boost::beast::iequals;

/// The token of "Bearer <token>"; nothing for another scheme (RFC 9110, 11.4; RFC 6750, 2.1).
std::optional<std::string_view> bearer_token(std::string_view value) {
    constexpr std::string_view kScheme = "Bearer";
    if (!iequals(value.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    value.remove_prefix(kScheme.size());
    if (!value.empty() && value.front() != ' ') return std::nullopt;
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

}  // namespace

KeyRing::KeyRing(std::span<const config::Secret> keys) {
    for (const auto& key : keys) keys_.push_back(crypto::sha256(key.reveal()));
}

bool KeyRing::holds(std::string_view key) const {
    const auto digest = crypto::sha256(key);
    unsigned found = 0;
    for (const auto& known : keys_) found |= crypto::equal(known, digest) ? 1U : 0U;
    return found != 0;
}

Proof judge_keys(const RequestHead& head, const KeyRing& ring, std::string_view header) {
    Proof proof = Proof::none;
    const auto judge = [&](std::string_view key) {
        if (key.empty()) return;
        if (proof != Proof::wrong) proof = ring.holds(key) ? Proof::right : Proof::wrong;
    };
    for (const auto& [name, value] : head.headers) {
        if (iequals(name, "Authorization")) {
            if (const auto token = bearer_token(value)) judge(*token);
        } else if (!header.empty() && iequals(name, header)) {
            judge(value);
        }
    }
    return proof;
}

std::vector<std::string_view> header_values(const RequestHead& head, std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto& [field, value] : head.headers) {
        if (iequals(field, name)) values.emplace_back(value);
    }
    return values;
}

Response unauthorized(std::string_view detail, std::string_view correlation_id) {
    auto response = problem(401, detail, correlation_id);
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace events::http
