#include "gateway/access.hpp"

#include "common/config/env_reader.hpp"
#include "common/http/problem.hpp"
#include "common/http/run_on.hpp"
#include "gateway/handshake.hpp"

#include <string_view>
#include <utility>

namespace events::gateway {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::string_view kRoute = "/events";
constexpr std::string_view kKeyHeader = "X-API-Key";

/// Up to here a signature takes less than handing the body to another thread and back.
constexpr std::size_t kSmallSignedBody = std::size_t{64} << 10;

std::string_view detail_of(http::AuthFailure why) {
    switch (why) {
        case http::AuthFailure::missing:
            return "The request shows no key and no signature that is known here.";
        case http::AuthFailure::wrong_key:
            return "The key is not known.";
        case http::AuthFailure::malformed_signature:
            return "A signature's header can not be read.";
        case http::AuthFailure::expired_signature:
            return "The signature's time is too far from now.";
        case http::AuthFailure::wrong_signature:
            return "The signature is not that of this body.";
        case http::AuthFailure::wrong_verify_token:
            break;
    }
    return "hub.verify_token is not the one that was agreed on.";
}

std::vector<config::Secret> listed(const std::optional<config::Secret>& secret) {
    return secret ? std::vector{*secret} : std::vector<config::Secret>{};
}

asio::awaitable<bool> compute(const Signatures& signatures, const SignatureClaims& claims,
                              std::string_view body) {
    co_return signatures.hold(claims, body);
}

}  // namespace

AccessOptions read_access_options(config::EnvReader& read) {
    return {
        .api_keys = read.keys("API_KEYS",
                              "keys for POST /events, separated by commas or line breaks; none: "
                              "no key is asked for"),
        .signatures =
            {.meta_secrets = read.keys("META_APP_SECRETS",
                                       "app secrets that X-Hub-Signature-256 is checked with, "
                                       "separated likewise"),
             .tiktok_secrets = read.keys("TIKTOK_CLIENT_SECRETS",
                                         "client secrets that TikTok-Signature is checked with, "
                                         "separated likewise"),
             .max_age = read.milliseconds("SIGNATURE_MAX_AGE_MS", 5min, {1s, 24h},
                                          "how far TikTok-Signature's time may be from now, "
                                          "either way")},
        .meta_verify_token = read.key("META_VERIFY_TOKEN",
                                      "answers Meta's handshake, GET /events; empty: there is no "
                                      "such route"),
    };
}

Access::Access(const AccessOptions& options, metrics::Registry& metrics, logging::Logger log)
    : keys_{options.api_keys},
      signatures_{options.signatures},
      verify_token_{listed(options.meta_verify_token)},
      probe_{metrics, std::move(log)} {
    if (signatures_.asked_for()) worker_.emplace(1);
}

Access::~Access() {
    if (worker_) worker_->join();
}

void Access::add_routes(http::Router& router, http::Route route) {
    if (!verify_token_.empty()) {
        router.add({.method = http::Method::get,
                    .path = route.path,
                    .handler = [this](auto& request) { return shake_hands(request); }});
    }
    if (!keys_.empty() || signatures_.asked_for()) {
        route.admission = [this, next = std::move(route.admission)](const http::RequestHead& head) {
            return admit(head, next);
        };
    }
    if (signatures_.asked_for()) {
        route.handler = [this, next = std::move(route.handler)](http::Request& request) {
            return handle(request, next);
        };
    }
    router.add(std::move(route));
}

/// Whatever the header alone tells: nothing when the request may go on.
std::optional<http::AuthFailure> Access::judge(const http::RequestHead& head) const {
    const auto key = keys_.empty() ? http::Proof::none : http::judge_keys(head, keys_, kKeyHeader);
    if (key == http::Proof::wrong) return http::AuthFailure::wrong_key;
    const auto claims = signatures_.claims_of(head);
    if (!claims) return claims.error();
    if (!signatures_.is_fresh(*claims, std::chrono::system_clock::now())) {
        return http::AuthFailure::expired_signature;
    }
    if (key == http::Proof::none && !claims->any()) return http::AuthFailure::missing;
    return std::nullopt;
}

Expected<std::shared_ptr<http::Permit>, http::Response> Access::admit(const http::RequestHead& head,
                                                                      const http::Admission& next) {
    if (const auto why = judge(head)) return Unexpected<http::Response>{refuse(head, *why)};
    if (!next) return std::shared_ptr<http::Permit>{};
    return next(head);
}

asio::awaitable<http::Response> Access::handle(http::Request& request, const http::Handler& next) {
    const auto claims = signatures_.claims_of(request);
    // Not claimed: its key was right, or it would not have been admitted.
    const bool genuine = claims && (!claims->any() || co_await verify(*claims, request.body));
    if (!genuine) co_return refuse(request, http::AuthFailure::wrong_signature);
    co_return co_await next(request);
}

asio::awaitable<bool> Access::verify(const SignatureClaims& claims, std::string_view body) {
    if (body.size() <= kSmallSignedBody) co_return signatures_.hold(claims, body);
    co_return co_await http::run_on(*worker_, compute(signatures_, claims, body));
}

asio::awaitable<http::Response> Access::shake_hands(http::Request& request) {
    auto challenge = take_challenge(request.query, verify_token_);
    if (!challenge && challenge.error() == HandshakeError::wrong_token) {
        co_return refuse(request, http::AuthFailure::wrong_verify_token);
    }
    if (!challenge) {
        co_return http::problem(400, "This is not the handshake of a webhook.",
                                request.correlation_id);
    }
    co_return challenge_response(*challenge);
}

http::Response Access::refuse(const http::RequestHead& head, http::AuthFailure why) {
    probe_.refused(kRoute, why, head.ids());
    const auto detail = detail_of(why);
    // A token in the address is not a proof that HTTP knows of, so it has no challenge to send.
    if (why == http::AuthFailure::wrong_verify_token) {
        return http::problem(403, detail, head.correlation_id);
    }
    return http::unauthorized(detail, head.correlation_id);
}

}  // namespace events::gateway
