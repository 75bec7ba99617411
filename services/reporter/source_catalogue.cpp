#include "reporter/source_catalogue.hpp"

#include "common/events/event.hpp"
#include "common/http/assets.hpp"
#include "reporter/filters.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string_view>

namespace events::reporter {
namespace {

using Json = nlohmann::ordered_json;

/// A name for people: "ad.view" is "Ad view", and "iOS" stays as it is.
std::string label_of(std::string_view name) {
    std::string label{name};
    std::ranges::replace(label, '.', ' ');
    std::ranges::replace(label, '_', ' ');
    const auto is_capital = [](unsigned char c) { return std::isupper(c) != 0; };
    if (std::ranges::none_of(label, is_capital)) {
        const auto first = static_cast<unsigned char>(label.front());
        label.front() = static_cast<char>(std::toupper(first));
    }
    return label;
}

Json names_of(const std::vector<Source>& sources) {
    auto names = Json::array();
    for (const auto source : sources) names.push_back(source.name());
    return names;
}

Json sources_json() {
    auto list = Json::array();
    for (const auto source : sources()) {
        list.push_back({{"name", source.name()}, {"title", source.title()}});
    }
    return list;
}

/// A type that several sources have in one stage stands once.
Json event_types_json() {
    auto list = Json::array();
    for (const auto& type : event_types()) {
        const auto stage = to_string(type.stage);
        auto known = std::ranges::find_if(list, [&](const Json& other) {
            return other["name"] == type.name && other["funnelStage"] == stage;
        });
        if (known == list.end()) {
            list.push_back({{"name", type.name},
                            {"label", label_of(type.name)},
                            {"funnelStage", stage},
                            {"hasRevenue", false},
                            {"sources", Json::array()}});
            known = list.end() - 1;
        }
        if (type.has_revenue) (*known)["hasRevenue"] = true;
        (*known)["sources"].push_back(type.source.name());
    }
    return list;
}

Json known_json(const Filter::Known& known) {
    Json json{{"source", known.source.name()}};
    if (known.stage) json["funnelStage"] = to_string(*known.stage);
    return json;
}

Json dimension_json(const Filter& filter) {
    const bool is_text = filter.dimension->kind == Dimension::Kind::text;
    Json json{{"name", filter.dimension->name},
              {"kind", is_text ? "text" : "number"},
              {"knownOf", Json::array()}};
    for (const auto& known : filter.known_of) json["knownOf"].push_back(known_json(known));
    for (const auto& [name, sources] : filter.choices) {
        json["choices"].push_back(
            {{"name", name}, {"label", label_of(name)}, {"sources", names_of(sources)}});
    }
    if (!is_text) {
        json["minimum"] = filter.bounds.min;
        json["maximum"] = filter.bounds.max;
    }
    return json;
}

}  // namespace

std::string source_catalogue() {
    auto dimensions = Json::array();
    for (const auto& filter : filters()) dimensions.push_back(dimension_json(filter));
    const Json catalogue{{"sources", sources_json()},
                         {"eventTypes", event_types_json()},
                         {"dimensions", std::move(dimensions)}};
    return catalogue.dump();
}

void add_catalogue_route(http::Router& router, const http::Admission& admission) {
    http::add_made_asset(router, {"/reports/catalogue", "application/json", source_catalogue()},
                         admission);
}

}  // namespace events::reporter
