// The reporter with a source more, of which none of its code knows.

#include "reporter/parse_query.hpp"
#include "reporter/source_catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::reporter {
namespace {

std::string outcome_of(const std::string& query) {
    const auto parsed = parse_query(Category::events, query, {"UTC"});
    if (parsed) return "right";
    std::string text;
    for (const auto& [name, message] : parsed.error()) text += name + " " + message + ".";
    return text;
}

TEST(AThirdSource, IsTakenByEveryParameter) {
    for (const auto* query :
         {"source=google", "source=google&eventType=conversion&funnelStage=bottom",
          "eventType=search.result", "device=tablet&age=160&campaignId=c&country=Peru",
          "source=google&device=phone", "ageMin=0&ageMax=160", "gender=female&device=iOS"}) {
        EXPECT_EQ(outcome_of(query), "right") << query;
    }
}

TEST(AThirdSource, StandsInWhatIsSaidOfBadOnes) {
    EXPECT_EQ(outcome_of("source=bing"), "source must be facebook or tiktok or google.");
    EXPECT_EQ(outcome_of("source=google&eventType=purchase"),
              "eventType is not an event type of google.");
    EXPECT_EQ(outcome_of("source=google&funnelStage=top&eventType=conversion"),
              "eventType is not an event type of the top funnel stage.");
    EXPECT_EQ(outcome_of("device=watch"),
              "device must be one of mobile, desktop, Android, iOS, Desktop, phone, tablet.");
    EXPECT_EQ(outcome_of("age=161"), "age must be an integer from 0 to 160.")
        << "the widest of all sources";
    EXPECT_EQ(outcome_of("gender=none"), "gender must be one of male, female, non-binary.");
}

TEST(AThirdSource, StandsInTheCatalogue) {
    const auto catalogue = nlohmann::json::parse(source_catalogue());
    EXPECT_EQ(catalogue.at("sources").at(2).dump(), R"({"name":"google","title":"Google"})");
    const auto find = [&](const char* list, const std::string& name) {
        for (const auto& entry : catalogue.at(list)) {
            if (entry.at("name") == name) return entry;
        }
        return nlohmann::json{};
    };
    EXPECT_EQ(find("eventTypes", "ad.view").at("sources").dump(), R"(["facebook","google"])");
    EXPECT_EQ(find("eventTypes", "search.result").at("label"), "Search result");
    const auto device = find("dimensions", "device");
    EXPECT_EQ(device.at("knownOf").at(2).dump(), R"({"source":"google"})");
    EXPECT_EQ(device.at("choices").at(1).at("sources").dump(), R"(["facebook","google"])")
        << "desktop";
    EXPECT_EQ(device.at("choices").size(), 7U);
}

}  // namespace
}  // namespace events::reporter
