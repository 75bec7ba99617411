#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace events::http {

/// Why a request is not let in: a closed list, the `reason` label.
enum class AuthFailure : std::uint8_t {
    missing,              ///< neither a key nor a signature that is asked for
    wrong_key,            ///< not one of the keys
    malformed_signature,  ///< a header that is no signature, or more than one of its name
    expired_signature,    ///< signed at a time too far from now
    wrong_signature,      ///< of another body, or by another secret
    wrong_verify_token,   ///< in Meta's handshake
};

inline constexpr std::array<std::pair<std::string_view, AuthFailure>, 6> kAuthFailures{{
    {"missing", AuthFailure::missing},
    {"wrong_key", AuthFailure::wrong_key},
    {"malformed_signature", AuthFailure::malformed_signature},
    {"expired_signature", AuthFailure::expired_signature},
    {"wrong_signature", AuthFailure::wrong_signature},
    {"wrong_verify_token", AuthFailure::wrong_verify_token},
}};

/// Counts each request that is refused for who sent it (unauthenticated_requests_total) and logs
/// the first at once, then at most one line in kLogInterval with how many there were: whoever
/// floods a door must not fill the disk as well. Neither ever holds what was presented.
/// Single-threaded: the server's.
class AuthProbe {
  public:
    static constexpr std::chrono::seconds kLogInterval{10};

    AuthProbe(metrics::Registry& metrics, logging::Logger log);

    /// `route` is the path of a route, never what a client sent.
    void refused(std::string_view route, AuthFailure why, const logging::RequestIds& ids,
                 std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

  private:
    using PerReason = std::array<metrics::Counter*, kAuthFailures.size()>;

    PerReason& counters(std::string_view route);

    metrics::Registry& metrics_;
    logging::Logger log_;
    std::map<std::string, PerReason, std::less<>> counters_;
    std::chrono::steady_clock::time_point quiet_until_ =
        std::chrono::steady_clock::time_point::min();
    std::uint64_t unlogged_ = 0;
};

}  // namespace events::http
