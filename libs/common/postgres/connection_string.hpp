#pragma once

#include "common/expected.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace events::postgres {

/// Where and how to connect, as DATABASE_URL says it.
struct ConnectionParameters {
    std::map<std::string, std::string> options;  ///< libpq's keywords
    std::string schema{};  ///< all that a session has for a search path; empty: the role's own
    /// Of parameters that other clients have: what becomes of them here, a sentence each.
    std::vector<std::string> warnings{};
};

/// Reads a URL (see connection_url.hpp) or libpq's "host=... dbname=...", with the parameters that
/// Prisma and node-postgres write into a URL: `schema` is taken, those of a pool are not.
///
/// Errors  what is wrong with it, and the name of a parameter that is not known. No part of a user
///         or a password is quoted, whatever they were read as. What libpq or a server would refuse
///         of any connection (sslmode, ports, ...) is refused here.
[[nodiscard]] Expected<ConnectionParameters, std::string> parse_connection_parameters(
    const std::string& text);

/// What libpq is to connect with: the parameters, with `defaults` for what they do not set.
[[nodiscard]] std::string connection_string(const ConnectionParameters& parameters,
                                            const std::map<std::string, std::string>& defaults);

/// The message of libpq or the server without the name of the URL's user, which it quotes.
[[nodiscard]] std::string without_user(std::string message, const ConnectionParameters& parameters);

}  // namespace events::postgres
