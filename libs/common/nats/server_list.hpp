#pragma once

#include "common/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace events::nats {

/// Reads "nats://user:password@host:4222, other" as one URL a server, in the form that cnats reads
/// rightly whatever is in a password: it is percent-encoded in the text, and decoded here.
///
/// Shape   one or more servers, separated by commas; `tls://` instead of `nats://`, which may be
///         left out, and so may the port and the credentials (`user:password@` or `token@`).
/// Errors  what is wrong with it, in words that quote nothing: there may be a password in it.
/// Source  contract, section 10.
[[nodiscard]] Expected<std::vector<std::string>, std::string> parse_server_list(
    std::string_view text);

/// Whether one of them begins with `tls://`: no server is then talked to in the clear.
[[nodiscard]] bool asks_for_tls(const std::vector<std::string>& servers);

/// The same URL without `user:password@`: what may be shown to people.
[[nodiscard]] std::string without_credentials(std::string_view url);

}  // namespace events::nats
