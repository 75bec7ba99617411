#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace events::nats {

/// The public key ("U..." and 55 more characters) of the user's seed ("SU..." and 56 more) that
/// the text holds, on a line of its own: what a server knows a user by, and cnats asks for beside
/// the seed. Nothing when there is no such seed, or its checksum is wrong. Pure.
///
/// Source  github.com/nats-io/nkeys: base32 of a type, an Ed25519 key and a CRC-16.
[[nodiscard]] std::optional<std::string> public_key_of_user(std::string_view text);

}  // namespace events::nats
