#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::http {

/// One `name=value` of a query string.
struct QueryParameter {
    std::string name;                  ///< decoded; as received where that is impossible
    std::optional<std::string> value;  ///< decoded; nothing when its percent-encoding is broken
};

/// Splits a query string at '&' and decodes it (percent-encoding, '+' as a space), in order.
/// Empty pieces, as in "a=1&&b=2&", are skipped; a name without '=' has an empty value. Pure.
[[nodiscard]] std::vector<QueryParameter> split_query(std::string_view query);

}  // namespace events::http
