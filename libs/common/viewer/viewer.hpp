#pragma once

#include "common/http/assets.hpp"
#include "common/http/router.hpp"

#include <span>
#include <string>

/// The viewer of an API's description, Swagger UI, that each daemon with an API of its own serves.
namespace events::viewer {

/// web/ as it is embedded; see cmake/EmbedAssets.cmake.
[[nodiscard]] std::span<const http::Asset> embedded_assets() noexcept;

/// What the pages of a daemon say. Texts, not HTML; the address is a relative one, so that it holds
/// below a proxy's path too.
struct Page {
    std::string title;      ///< e.g. "Reports API"
    std::string link;       ///< where the page's first link leads, e.g. "./"
    std::string link_text;  ///< and what it says
};

/// Routes for /docs, what that page loads, and /openapi.json, which is `description`.
void add_routes(http::Router& router, const Page& page, std::string description);

}  // namespace events::viewer
