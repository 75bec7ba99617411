#include "common/http/assets.hpp"

#include "common/crypto/digest.hpp"
#include "common/http/field_values.hpp"
#include "common/http/gzip.hpp"

#include <memory>
#include <string>
#include <utility>

namespace events::http {
namespace {

/// What a page may load: its own files and nothing else; no inline script or style, no frame
/// around it. Images as data: are the viewer's icons.
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A strong tag names bytes, so the packed representation has its own.
std::string tag_of(const Asset& asset, bool packed) {
    constexpr std::size_t kTagDigits = 32;
    std::string tag{"\""};
    tag += asset.hash.substr(0, kTagDigits);
    tag += packed ? "-gzip\"" : "\"";
    return tag;
}

/// Whether it was asked for as a folder, "/docs/": the page's relative addresses would be others.
bool is_asked_for_as_folder(const Asset& asset, const RequestHead& request) {
    const std::string_view target = request.target;
    return asset.path != "/" && target.substr(0, target.find('?')).ends_with('/');
}

/// To the asset itself, by a relative address: what is before it, a proxy's prefix, is not known.
Response redirect_to(const Asset& asset, const RequestHead& request) {
    std::string location{".."};
    location += asset.path.substr(asset.path.rfind('/'));
    if (!request.query.empty()) location += '?' + request.query;
    return {.status = 308,
            .content_type = "",
            .headers = {{"Location", std::move(location)}, {"Cache-Control", "no-cache"}}};
}

// A coroutine's frame keeps the values.
boost::asio::awaitable<Response> ready(Response response) {
    co_return response;
}

}  // namespace

Response serve_asset(const Asset& asset, const RequestHead& request) {
    if (is_asked_for_as_folder(asset, request)) return redirect_to(asset, request);
    // Packing a small file may make it larger.
    const bool packed = asset.gzip.size() < asset.content.size() && prefers_gzip(request);
    auto tag = tag_of(asset, packed);
    const bool known = matches_tag(request.header("If-None-Match").value_or(""), tag);

    Response response;
    response.headers = {{"ETag", std::move(tag)},
                        {"Cache-Control", "no-cache"},
                        {"Vary", "Accept-Encoding"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "no-referrer"}};
    if (asset.content_type.starts_with("text/html")) {
        response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
    }
    if (known) {
        response.status = 304;
        return response;
    }
    response.content_type = asset.content_type;
    response.body = packed ? asset.gzip : asset.content;
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    return response;
}

void add_made_asset(Router& router, MadeAsset made, const Admission& admission) {
    struct Kept {
        MadeAsset made;
        std::string hash;
        std::string gzip;
    };
    auto hash = crypto::to_hex(crypto::sha256(made.content));
    auto gzip = made.content;
    (void)pack(gzip);  // where it is not worth it, they are equal
    const auto kept =
        std::make_shared<const Kept>(Kept{std::move(made), std::move(hash), std::move(gzip)});
    router.add(
        {.method = Method::get,
         .path = kept->made.path,
         .handler =
             [kept](Request& request) {
                 const auto& [path, type, content] = kept->made;
                 return ready(serve_asset({path, type, kept->hash, content, kept->gzip}, request));
             },
         .body_limit = 0,
         .admission = admission});
}

void add_asset_routes(Router& router, std::span<const Asset> assets) {
    for (const auto& asset : assets) {
        router.add(
            {.method = Method::get,
             .path = std::string{asset.path},
             .handler = [&asset](Request& request) { return ready(serve_asset(asset, request)); },
             .body_limit = 0,
             .admission = {}});
    }
}

}  // namespace events::http
