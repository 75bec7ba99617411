#pragma once

#include "common/config/secret.hpp"
#include "common/crypto/digest.hpp"
#include "common/expected.hpp"
#include "common/http/auth_probe.hpp"
#include "common/http/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::gateway {

struct SignatureOptions {
    std::vector<config::Secret> meta_secrets;
    std::vector<config::Secret> tiktok_secrets;
    std::chrono::milliseconds max_age{300'000};  ///< of TikTok's, and as far in the future
};

/// "t=<unix seconds>,s=<hexadecimal digits>", in any order and with blanks.
struct TikTokSignature {
    std::string time;  ///< as it was written, since that is signed
    std::chrono::system_clock::time_point at;
    crypto::Digest digest{};
};

/// What a request claims of its body, as far as there is a secret to check it with.
struct SignatureClaims {
    std::optional<crypto::Digest> meta;
    std::optional<TikTokSignature> tiktok;

    [[nodiscard]] bool any() const noexcept { return meta || tiktok; }
};

/// "sha256=<64 hexadecimal digits>", the value of X-Hub-Signature-256.
[[nodiscard]] std::optional<crypto::Digest> parse_meta_signature(std::string_view value) noexcept;

/// The value of TikTok-Signature. The time has 1 to 11 digits, in seconds. Members of other names
/// are ignored; one of `t` and `s` that is there twice makes it none.
[[nodiscard]] std::optional<TikTokSignature> parse_tiktok_signature(std::string_view value);

/// The webhooks' signatures, over a body's bytes as they came, before they are unpacked. Several
/// secrets of a platform may sign at one time, so that they can be changed.
///
/// Immutable, so thread-safe. Bad input is a value.
class Signatures {
  public:
    explicit Signatures(SignatureOptions options);

    /// Whether there is a secret at all.
    [[nodiscard]] bool asked_for() const noexcept;

    /// Reads what the header claims. A signature whose platform has no secret here is no claim.
    /// Errors  malformed_signature, also for two headers of one name: nobody knows which is meant.
    [[nodiscard]] Expected<SignatureClaims, http::AuthFailure> claims_of(
        const http::RequestHead& head) const;

    /// Whether the time that was signed is near enough to `now`; Meta signs none.
    [[nodiscard]] bool is_fresh(const SignatureClaims& claims,
                                std::chrono::system_clock::time_point now) const;

    /// Whether every claim is true of this body. Takes about 1 ms for each MB of it and secret.
    [[nodiscard]] bool hold(const SignatureClaims& claims, std::string_view body) const;

  private:
    SignatureOptions options_;
};

}  // namespace events::gateway
