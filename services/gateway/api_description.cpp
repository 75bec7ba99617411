#include "gateway/api_description.hpp"

#include "common/events/event.hpp"
#include "common/events/example.hpp"
#include "common/events/json_schema.hpp"
#include "common/events/rejection.hpp"
#include "common/http/assets.hpp"
#include "common/viewer/viewer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <span>
#include <utility>

namespace events::gateway {

/// web/ as it is embedded; see cmake/EmbedAssets.cmake.
[[nodiscard]] std::span<const http::Asset> embedded_assets() noexcept;

namespace {

using Json = nlohmann::ordered_json;

/// "A source and another one".
std::string titles() {
    std::string text;
    for (const auto source : sources()) {
        if (!text.empty()) text += source == sources().back() ? " and " : ", ";
        text += source.title();
    }
    return text;
}

void fill_summary(Json& summary) {
    constexpr std::string_view kWord = "{{titles}}";
    auto text = summary.get<std::string>();
    text.replace(text.find(kWord), kWord.size(), titles());
    summary = std::move(text);
}

/// An example of each type, by "source type": what a viewer offers to send.
Json examples() {
    auto all = Json::object();
    for (const auto& type : event_types()) {
        const auto name = fmt::format("{} {}", type.source.name(), type.name);
        all[name] = {{"summary", fmt::format("{}: {}", type.source.title(), type.name)},
                     {"value", Json::array({example_event(type)})}};
    }
    return all;
}

/// An event of each source, a line each.
std::string example_lines() {
    std::string lines;
    for (const auto source : sources()) {
        lines += example_event(event_types(source).front()).dump() + '\n';
    }
    return lines;
}

Json codes() {
    auto names = Json::array();
    for (const auto code : kGatewayRejections) names.push_back(to_string(code));
    return names;
}

}  // namespace

std::string describe_api(std::string_view text) {
    auto api = Json::parse(text);
    fill_summary(api["info"]["summary"]);
    auto& content = api["paths"]["/events"]["post"]["requestBody"]["content"];
    content["application/json"]["examples"] = examples();
    content["application/x-ndjson"]["example"] = example_lines();
    auto& schemas = api["components"]["schemas"];
    schemas["RejectionCode"]["enum"] = codes();
    schemas.update(event_schemas("#/components/schemas/"));
    return api.dump();
}

void add_description_routes(http::Router& router) {
    const auto& description = embedded_assets().front();
    viewer::add_routes(router,
                       {.title = "Gateway API",
                        .link = "schemas/event.json",
                        .link_text = "JSON Schema of an event"},
                       describe_api(description.content));
    http::add_made_asset(
        router, {"/schemas/event.json", "application/schema+json", event_schema().dump(2)});
}

}  // namespace events::gateway
