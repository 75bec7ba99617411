// What the gateway says of itself to tools.
#include "gateway/api_description.hpp"

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::gateway {
namespace {

using nlohmann::json;

std::string description() {
    return describe_api(
        test::read_file(test::source_directory() / "services/gateway/web/openapi.json"));
}

TEST(GatewayApi, HasNoWordLeft) {
    EXPECT_EQ(description().find("{{"), std::string::npos);
}

TEST(GatewayApi, ShowsAnEventOfEachTypeAndEachCode) {
    const auto api = json::parse(description());
    const auto& content = api.at("paths").at("/events").at("post").at("requestBody").at("content");
    const auto& examples = content.at("application/json").at("examples");
    EXPECT_EQ(examples.size(), event_types().size());
    const auto& codes = api.at("components").at("schemas").at("RejectionCode").at("enum");
    EXPECT_EQ(codes.size(), kGatewayRejections.size());
    for (const auto source : sources()) {
        EXPECT_NE(api.at("info").at("summary").get<std::string>().find(source.title()),
                  std::string::npos);
    }
}

TEST(GatewayApi, LeadsToTheFilesByRelativeAddresses) {
    http::Router router;
    add_description_routes(router);
    for (const auto* path :
         {"/docs", "/openapi.json", "/schemas/event.json", "/vendor/swagger-ui/swagger-ui.css"}) {
        EXPECT_NE(router.find(http::Method::get, path).route, nullptr) << path;
    }
    EXPECT_EQ(json::parse(description()).at("servers").at(0).at("url"), ".");
}

}  // namespace
}  // namespace events::gateway
