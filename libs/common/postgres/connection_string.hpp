#pragma once

#include <map>
#include <optional>
#include <string>

namespace events::postgres {

/// What libpq is to connect with: the URL (or "host=... dbname=..." text) with `defaults` for the
/// parameters that it does not set itself. Nothing when libpq can't read it; why is not said,
/// since libpq's reason quotes parts of the text, and with them a password.
[[nodiscard]] std::optional<std::string> connection_string(
    const std::string& url, const std::map<std::string, std::string>& defaults);

}  // namespace events::postgres
