#include "common/viewer/viewer.hpp"

#include <string_view>
#include <utility>

namespace events::viewer {
namespace {

std::string with_words(std::string_view html, const Page& page) {
    const std::pair<std::string_view, const std::string&> words[]{
        {"{{title}}", page.title}, {"{{link}}", page.link}, {"{{linkText}}", page.link_text}};
    std::string filled{html};
    for (const auto& [word, text] : words) {
        for (auto at = filled.find(word); at != std::string::npos; at = filled.find(word)) {
            filled.replace(at, word.size(), text);
        }
    }
    return filled;
}

}  // namespace

void add_routes(http::Router& router, const Page& page, std::string description) {
    const auto assets = embedded_assets();
    for (std::size_t i = 0; i < assets.size(); ++i) {
        const auto& asset = assets[i];
        if (!asset.content_type.starts_with("text/html")) {
            http::add_asset_routes(router, assets.subspan(i, 1));
            continue;
        }
        http::add_made_asset(router, {std::string{asset.path}, std::string{asset.content_type},
                                      with_words(asset.content, page)});
    }
    http::add_made_asset(router, {"/openapi.json", "application/json", std::move(description)});
}

}  // namespace events::viewer
