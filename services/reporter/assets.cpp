#include "reporter/assets.hpp"

#include "common/viewer/viewer.hpp"
#include "reporter/api_description.hpp"

#include <cstddef>

namespace events::reporter {

void add_asset_routes(http::Router& router) {
    const auto assets = embedded_assets();
    for (std::size_t i = 0; i < assets.size(); ++i) {
        if (assets[i].path != "/openapi.json") {
            http::add_asset_routes(router, assets.subspan(i, 1));
            continue;
        }
        viewer::add_routes(
            router, {.title = "Reports API", .link = "./", .link_text = "← Marketing events"},
            describe_api(assets[i].content));
    }
}

}  // namespace events::reporter
