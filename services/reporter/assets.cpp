#include "reporter/assets.hpp"

#include "common/crypto/digest.hpp"
#include "reporter/api_description.hpp"
#include "reporter/negotiation.hpp"

#include <zlib.h>

#include <memory>
#include <new>
#include <string>
#include <utility>

namespace events::reporter {
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

/// In the form of gzip, as that program makes it.
std::string packed(std::string_view text) {
    z_stream stream{};
    constexpr int kGzip = 16;
    constexpr int kMemory = 8;  // zlib's default
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzip, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc{};
    }
    std::string output(deflateBound(&stream, text.size()), '\0');
    std::string input{text};
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = reinterpret_cast<Bytef*>(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
    deflate(&stream, Z_FINISH);  // all of it: there is room
    output.resize(stream.total_out);
    deflateEnd(&stream);
    return output;
}

// A coroutine's frame keeps the values.
boost::asio::awaitable<http::Response> ready(http::Response response) {
    co_return response;
}

}  // namespace

http::Response serve_asset(const Asset& asset, const http::RequestHead& request) {
    // Packing a small file may make it larger.
    const bool packed = asset.gzip.size() < asset.content.size() &&
                        accepts_gzip(request.header("Accept-Encoding").value_or(""));
    auto tag = tag_of(asset, packed);
    const bool known = matches_tag(request.header("If-None-Match").value_or(""), tag);

    http::Response response;
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

void add_made_asset(http::Router& router, MadeAsset made, const http::Admission& admission) {
    struct Kept {
        MadeAsset made;
        std::string hash;
        std::string gzip;
    };
    auto hash = crypto::to_hex(crypto::sha256(made.content));
    auto gzip = packed(made.content);
    const auto kept =
        std::make_shared<const Kept>(Kept{std::move(made), std::move(hash), std::move(gzip)});
    router.add(
        {.method = http::Method::get,
         .path = kept->made.path,
         .handler =
             [kept](http::Request& request) {
                 const auto& [path, type, content] = kept->made;
                 return ready(serve_asset({path, type, kept->hash, content, kept->gzip}, request));
             },
         .body_limit = 0,
         .admission = admission});
}

void add_asset_routes(http::Router& router) {
    for (const auto& asset : embedded_assets()) {
        if (asset.path == "/openapi.json") {
            add_made_asset(router, {std::string{asset.path}, std::string{asset.content_type},
                                    describe_api(asset.content)});
            continue;
        }
        router.add(
            {.method = http::Method::get,
             .path = std::string{asset.path},
             .handler =
                 [&asset](http::Request& request) { return ready(serve_asset(asset, request)); },
             .body_limit = 0,
             .admission = {}});
    }
}

}  // namespace events::reporter
