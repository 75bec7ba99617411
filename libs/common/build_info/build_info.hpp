#pragma once

#include <string_view>

namespace events::build_info {

/// The project's version, e.g. "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

/// The short commit id that was built, or "unknown" outside a git checkout.
[[nodiscard]] std::string_view revision() noexcept;

}  // namespace events::build_info
