#pragma once

#include <string_view>

namespace events::config {

/// Whether a variable that is set under `name`, which nobody reads, was probably meant to be
/// `known`: in other letters or with other underscores (`apiKeys`), a letter or two away
/// (`API_KEY`, `DATABASE_URI`), or one of the two continues the other (`API_KEYS_LIST`).
[[nodiscard]] bool looks_like(std::string_view name, std::string_view known);

}  // namespace events::config
