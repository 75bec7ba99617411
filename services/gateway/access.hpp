#pragma once

#include "common/http/auth.hpp"
#include "common/http/auth_probe.hpp"
#include "common/http/router.hpp"
#include "gateway/signature.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <optional>
#include <vector>

namespace events::config {
class EnvReader;
}

namespace events::gateway {

struct AccessOptions {
    std::vector<config::Secret> api_keys;
    SignatureOptions signatures;
    std::optional<config::Secret> meta_verify_token;

    /// Whether everybody may post.
    [[nodiscard]] bool is_open() const noexcept {
        return api_keys.empty() && signatures.meta_secrets.empty() &&
               signatures.tiktok_secrets.empty();
    }
};

/// API_KEYS, META_APP_SECRETS, TIKTOK_CLIENT_SECRETS, SIGNATURE_MAX_AGE_MS, META_VERIFY_TOKEN.
[[nodiscard]] AccessOptions read_access_options(config::EnvReader& read);

/// Who may post events (docs/adr/0007-access.md): whoever shows one of the configured proofs, an
/// API key or a webhook's signature, and no wrong one. Without any configured, everybody.
///
/// Keys, and all that a header alone can tell, are judged before the body is read; a signature is
/// computed when the body is there, before anything looks at what it says: small bodies on the
/// server's thread, large ones on a thread of its own.
/// Handlers run on the server's thread. Must outlive the server.
class Access {
  public:
    Access(const AccessOptions& options, metrics::Registry& metrics, logging::Logger log);
    ~Access();
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    /// Adds the route behind this door; for Meta's handshake a GET of the same path, where there
    /// is a token for it.
    void add_routes(http::Router& router, http::Route route);

  private:
    Expected<std::shared_ptr<http::Permit>, http::Response> admit(const http::RequestHead& head,
                                                                  const http::Admission& next);
    std::optional<http::AuthFailure> judge(const http::RequestHead& head) const;
    boost::asio::awaitable<http::Response> handle(http::Request& request,
                                                  const http::Handler& next);
    boost::asio::awaitable<bool> verify(const SignatureClaims& claims, std::string_view body);
    boost::asio::awaitable<http::Response> shake_hands(http::Request& request);
    http::Response refuse(const http::RequestHead& head, http::AuthFailure why);

    http::KeyRing keys_;
    Signatures signatures_;
    http::KeyRing verify_token_;
    http::AuthProbe probe_;
    std::optional<boost::asio::thread_pool> worker_;  ///< where there are signatures
};

}  // namespace events::gateway
