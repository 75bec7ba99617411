#pragma once

#include "common/expected.hpp"
#include "common/http/auth.hpp"

#include <string>
#include <string_view>

namespace events::gateway {

/// Why a handshake is refused.
enum class HandshakeError : std::uint8_t {
    malformed,    ///< not `hub.mode=subscribe` with a challenge of 1 to 256 visible characters
    wrong_token,  ///< no `hub.verify_token`, or not ours
};

/// Meta's question whether this address expects its webhooks:
/// `hub.mode=subscribe&hub.challenge=...&hub.verify_token=...`. The challenge, to be sent back as
/// it is. `query` is percent-encoded. The token is judged first: who has it not learns nothing.
[[nodiscard]] Expected<std::string, HandshakeError> take_challenge(std::string_view query,
                                                                   const http::KeyRing& token);

/// 200 with nothing but the challenge, as a text that no browser takes for anything else.
[[nodiscard]] http::Response challenge_response(std::string challenge);

}  // namespace events::gateway
