#include "gateway/signature.hpp"

#include "common/http/auth.hpp"
#include "common/http/field_values.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::string_view kMetaHeader = "X-Hub-Signature-256";
constexpr std::string_view kTikTokHeader = "TikTok-Signature";
constexpr std::size_t kMaxTimeDigits = 11;  ///< until the year 5138

bool is_signed(const std::vector<config::Secret>& secrets,
               std::initializer_list<std::string_view> parts, const crypto::Digest& digest) {
    return std::ranges::any_of(secrets, [&](const config::Secret& secret) {
        return crypto::equal(crypto::hmac_sha256(secret.reveal(), parts), digest);
    });
}

/// Reads the one header of that name: false when there are several or `parse` takes it for none.
template <typename T, typename Parse>
bool read_claim(const http::RequestHead& head, std::string_view name, std::optional<T>& claim,
                Parse parse) {
    const auto values = http::header_values(head, name);
    if (values.empty()) return true;
    if (values.size() == 1) claim = parse(values.front());
    return claim.has_value();
}

}  // namespace

std::optional<crypto::Digest> parse_meta_signature(std::string_view value) noexcept {
    constexpr std::string_view kPrefix = "sha256=";
    if (!value.starts_with(kPrefix)) return std::nullopt;
    return crypto::parse_hex(value.substr(kPrefix.size()));
}

std::optional<TikTokSignature> parse_tiktok_signature(std::string_view value) {
    std::optional<std::string_view> time;
    std::optional<std::string_view> digits;
    while (!value.empty()) {
        auto member = http::take_member(value, ',');
        const auto name = http::take_member(member, '=');
        auto* const known = name == "t" ? &time : name == "s" ? &digits : nullptr;
        if (known == nullptr) continue;
        if (*known) return std::nullopt;  // nobody knows which is meant
        *known = http::trimmed(member);
    }
    if (!time || !digits || time->empty() || time->size() > kMaxTimeDigits) return std::nullopt;
    std::uint64_t seconds = 0;
    const auto [end, error] = std::from_chars(time->data(), time->data() + time->size(), seconds);
    const auto digest = crypto::parse_hex(*digits);
    if (error != std::errc{} || end != time->data() + time->size() || !digest) return std::nullopt;
    // In seconds: system_clock's nanoseconds would overflow in the year 2262.
    constexpr std::uint64_t kLatest = std::uint64_t{1} << 33;
    return TikTokSignature{
        .time = std::string{*time},
        .at =
            std::chrono::system_clock::time_point{std::chrono::seconds{std::min(seconds, kLatest)}},
        .digest = *digest};
}

Signatures::Signatures(SignatureOptions options) : options_{std::move(options)} {}

bool Signatures::asked_for() const noexcept {
    return !options_.meta_secrets.empty() || !options_.tiktok_secrets.empty();
}

Expected<SignatureClaims, http::AuthFailure> Signatures::claims_of(
    const http::RequestHead& head) const {
    SignatureClaims claims;
    const bool read = (options_.meta_secrets.empty() ||
                       read_claim(head, kMetaHeader, claims.meta, &parse_meta_signature)) &&
                      (options_.tiktok_secrets.empty() ||
                       read_claim(head, kTikTokHeader, claims.tiktok, &parse_tiktok_signature));
    if (!read) return Unexpected<http::AuthFailure>{http::AuthFailure::malformed_signature};
    return claims;
}

bool Signatures::is_fresh(const SignatureClaims& claims,
                          std::chrono::system_clock::time_point now) const {
    return !claims.tiktok || std::chrono::abs(now - claims.tiktok->at) <= options_.max_age;
}

bool Signatures::hold(const SignatureClaims& claims, std::string_view body) const {
    if (claims.meta && !is_signed(options_.meta_secrets, {body}, *claims.meta)) return false;
    return !claims.tiktok || is_signed(options_.tiktok_secrets, {claims.tiktok->time, ".", body},
                                       claims.tiktok->digest);
}

}  // namespace events::gateway
