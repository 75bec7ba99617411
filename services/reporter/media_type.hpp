#pragma once

#include <string_view>

namespace events::reporter {

/// Whether an Accept header prefers text/csv to application/json. JSON is the answer to whoever
/// doesn't ask, takes both alike, or takes neither. Pure.
[[nodiscard]] bool prefers_csv(std::string_view accept);

}  // namespace events::reporter
