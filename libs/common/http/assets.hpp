#pragma once

#include "common/http/router.hpp"

#include <span>
#include <string>
#include <string_view>

namespace events::http {

/// A file of a web folder as it is embedded in the binary; see cmake/EmbedAssets.cmake.
struct Asset {
    std::string_view path;  ///< where it is served, e.g. "/js/main.js"
    std::string_view content_type;
    std::string_view hash;  ///< of the content, hexadecimal
    std::string_view content;
    std::string_view gzip;  ///< the content, packed
};

/// The answer to a GET of the asset: packed where the client takes gzip, 304 where it has that
/// very representation, 308 where it asks for "/docs/". Browsers keep a copy and ask each time
/// whether it still holds. Pure.
[[nodiscard]] Response serve_asset(const Asset& asset, const RequestHead& request);

/// A text that is made at the start and served as the files are.
struct MadeAsset {
    std::string path;
    std::string content_type;
    std::string content;
};

/// A route for it. `admission` decides by a request's header who gets it; empty: everybody.
void add_made_asset(Router& router, MadeAsset made, const Admission& admission = {});

/// A route for each asset. They need nothing but the process itself. The assets outlive the router.
void add_asset_routes(Router& router, std::span<const Asset> assets);

}  // namespace events::http
