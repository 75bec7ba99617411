#pragma once

#include "common/expected.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::postgres {

/// The parts of "postgresql://user:password@host:port,other/database?name=value", decoded, under
/// libpq's names (user, password, host, port, dbname), then the query's as they stand there.
///
/// `names_are_sure`: false when an '@' that is not escaped follows the servers: a user part may
/// have been read as something else, so that not even a parameter's name may be shown.
struct ConnectionUrl {
    std::vector<std::pair<std::string, std::string>> parameters;
    bool names_are_sure = true;
};

/// The scheme of a URL ("postgresql"); nothing where the text does not begin with one.
[[nodiscard]] std::optional<std::string_view> scheme_of(std::string_view text);

/// Reads postgresql:// or postgres://, as libpq does (several servers, sockets as "%2Frun"), and a
/// little more: an '@' in the password need not be escaped, nor a '=' in a value.
///
/// Errors  what is wrong with it, in words that quote nothing: there may be a password in it.
/// Source  PostgreSQL's documentation, "Connection URIs".
[[nodiscard]] Expected<ConnectionUrl, std::string> parse_connection_url(std::string_view url);

}  // namespace events::postgres
