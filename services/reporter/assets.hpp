#pragma once

#include "common/http/assets.hpp"
#include "common/http/router.hpp"

#include <span>

namespace events::reporter {

/// web/ as it is embedded; see cmake/EmbedAssets.cmake.
[[nodiscard]] std::span<const http::Asset> embedded_assets() noexcept;

/// Routes for the page and what it loads, and for the API's description (see describe_api()) with
/// its viewer. They need nothing but the process itself.
void add_asset_routes(http::Router& router);

}  // namespace events::reporter
