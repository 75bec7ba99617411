#include "reporter/api_description.hpp"

#include "common/events/event.hpp"
#include "reporter/filters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace events::reporter {
namespace {

using Words = std::vector<std::pair<std::string, std::string>>;
using Texts = std::vector<std::string>;

constexpr std::int64_t kExampleNumber = 30;

/// "a, b and c".
std::string listed(const Texts& texts) {
    if (texts.size() < 2) return texts.empty() ? "none" : texts.front();
    const std::span all{texts};
    return fmt::format("{} and {}", fmt::join(all.first(all.size() - 1), ", "), all.back());
}

Texts type_names() {
    Texts names;
    for (const auto& type : event_types()) {
        if (std::ranges::find(names, type.name) == names.end()) names.emplace_back(type.name);
    }
    return names;
}

/// "A source, top: ad.view, page.like; bottom: ad.click. Another one, top: ..."
std::string types_by_source() {
    Texts sentences;
    for (const auto source : sources()) {
        Texts stages;
        for (const auto& [name, stage] : kFunnelStages) {
            Texts types;
            for (const auto& type : source.types()) {
                if (type.stage == stage) types.emplace_back(type.name);
            }
            stages.push_back(fmt::format("{}: {}", name, fmt::join(types, ", ")));
        }
        sentences.push_back(fmt::format("{}, {}.", source.title(), fmt::join(stages, "; ")));
    }
    return fmt::format("{}", fmt::join(sentences, " "));
}

/// "`purchase` of a source and `sale` of another one".
std::string revenue_types() {
    Texts types;
    for (const auto& type : event_types()) {
        if (type.has_revenue)
            types.push_back(fmt::format("`{}` of {}", type.name, type.source.title()));
    }
    return listed(types);
}

/// "A source (bottom of the funnel) and another one".
std::string known_of(const Filter& filter) {
    Texts known;
    for (const auto& [source, stage] : filter.known_of) {
        const auto where = stage ? fmt::format(" ({} of the funnel)", to_string(*stage)) : "";
        known.push_back(fmt::format("{}{}", source.title(), where));
    }
    return listed(known);
}

/// The JSON schema of a filter's value.
nlohmann::json schema_of(const Filter& filter) {
    const auto [min, max] = filter.bounds;
    if (filter.dimension->kind == Dimension::Kind::number) {
        const auto example = std::clamp<std::int64_t>(kExampleNumber, min, max);
        return {{"type", "integer"}, {"minimum", min}, {"maximum", max}, {"examples", {example}}};
    }
    if (filter.choices.empty()) return {{"$ref", "#/components/schemas/Text"}};
    auto names = nlohmann::json::array();
    for (const auto& choice : filter.choices) names.push_back(choice.name);
    return {{"type", "string"}, {"enum", names}, {"examples", names}};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// What stands for the words that are values, with their quotes, and for those within texts.
Words words() {
    const auto json = [](const auto& value) { return nlohmann::json(value).dump(); };
    const auto within = [&](const std::string& text) {
        const auto quoted = json(text);
        return quoted.substr(1, quoted.size() - 2);
    };
    Texts names;
    Texts titles;
    for (const auto source : sources()) {
        names.emplace_back(source.name());
        titles.emplace_back(source.title());
    }
    Words made{{"\"{{sources}}\"", json(names)},
               {"\"{{eventTypes}}\"", json(type_names())},
               {"{{titles}}", within(listed(titles))},
               {"{{typesBySource}}", within(types_by_source())},
               {"{{revenueTypes}}", within(revenue_types())}};
    for (const auto& filter : filters()) {
        const auto name = filter.dimension->name;
        made.emplace_back(fmt::format("{{{{{}.knownOf}}}}", name), within(known_of(filter)));
        made.emplace_back(fmt::format("\"{{{{{}.schema}}}}\"", name), json(schema_of(filter)));
    }
    return made;
}

}  // namespace

std::string describe_api(std::string_view text) {
    std::string filled{text};
    for (const auto& [word, value] : words()) replace_all(filled, word, value);
    return filled;
}

}  // namespace events::reporter
