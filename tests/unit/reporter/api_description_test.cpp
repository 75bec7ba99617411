// openapi.json as it is served: it says what the program takes. Linked with several lists of
// sources.

#include "reporter/api_description.hpp"

#include "common/events/event.hpp"
#include "reporter/parameter_rules.hpp"
#include "support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace events::reporter {
namespace {

using nlohmann::json;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using Texts = std::vector<std::string>;

std::string description() {
    return describe_api(test::read_file(test::source_directory() / "services" / "reporter" / "web" /
                                        "openapi.json"));
}

class ApiDescription : public ::testing::Test {
  protected:
    [[nodiscard]] json schema(const std::string& name) const {
        return api_.at("components").at("schemas").at(name);
    }
    [[nodiscard]] json parameter(const std::string& name) const {
        for (const auto& [key, value] : api_.at("components").at("parameters").items()) {
            if (value.at("name") == name) return value;
        }
        return {};
    }

    json api_ = json::parse(description());
};

TEST_F(ApiDescription, HasNoWordLeft) {
    EXPECT_EQ(description().find("{{"), std::string::npos);
    EXPECT_EQ(description().find("}}\""), std::string::npos);
}

TEST_F(ApiDescription, ListsSourcesAndEventTypes) {
    Texts names;
    std::set<std::string> types;
    const auto summary = api_.at("info").at("summary").get<std::string>();
    const auto told = schema("EventType").at("description").get<std::string>();
    const auto orders = api_.at("paths").at("/reports/revenue").at("get").at("description").dump();
    for (const auto source : sources()) {
        names.emplace_back(source.name());
        EXPECT_THAT(summary, HasSubstr(source.title()));
        EXPECT_THAT(told, HasSubstr(source.title()));
        for (const auto& type : source.types()) {
            types.emplace(type.name);
            EXPECT_THAT(told, HasSubstr(type.name));
            const auto order = "`" + std::string{type.name} + "` of " + std::string{source.title()};
            EXPECT_EQ(orders.find(order) != std::string::npos, type.has_revenue) << order;
        }
    }
    EXPECT_EQ(schema("Source").at("enum").get<Texts>(), names);
    auto listed = schema("EventType").at("enum").get<Texts>();
    std::ranges::sort(listed);
    EXPECT_THAT(listed, ElementsAreArray(types));
}

TEST_F(ApiDescription, HasEachParameterInTheOrderOfTheTable) {
    Texts documented;
    for (const auto& reference :
         api_.at("paths").at("/reports/events").at("get").at("parameters")) {
        const auto path = reference.at("$ref").get<std::string>();
        const auto found = api_.at(json::json_pointer{path.substr(1)});
        if (found.at("in") == "query") documented.push_back(found.at("name"));
    }
    Texts known;
    for (const auto& rule : rules()) known.push_back(rule.name);
    EXPECT_EQ(documented, known);
}

TEST_F(ApiDescription, HasTheValuesOfEachDimension) {
    for (const auto& filter : filters()) {
        const std::string name{filter.dimension->name};
        const auto found = parameter(name);
        const auto reference = found.at("schema").at("$ref").get<std::string>();
        const auto of_value = api_.at(json::json_pointer{reference.substr(1)});
        if (filter.dimension->kind == Dimension::Kind::number) {
            EXPECT_EQ(of_value.at("minimum"), filter.bounds.min) << name;
            EXPECT_EQ(of_value.at("maximum"), filter.bounds.max) << name;
        } else if (!filter.choices.empty()) {
            Texts choices;
            for (const auto& choice : filter.choices) choices.emplace_back(choice.name);
            EXPECT_EQ(of_value.at("enum").get<Texts>(), choices) << name;
        } else {
            EXPECT_EQ(reference, "#/components/schemas/Text");
        }
        for (const auto& known : filter.known_of) {
            EXPECT_THAT(found.at("description").get<std::string>(),
                        HasSubstr(known.source.title()));
        }
    }
}

TEST_F(ApiDescription, HasEachKeyOfGroups) {
    Texts keys;
    for (const auto& [name, key] : kKeys) keys.emplace_back(name);
    EXPECT_EQ(parameter("groupBy").at("schema").at("items").at("enum").get<Texts>(), keys);
    for (const auto& key : keys) {
        EXPECT_TRUE(schema("GroupKeys").at("properties").contains(key)) << key;
    }
}

}  // namespace
}  // namespace events::reporter
