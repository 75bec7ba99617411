#include "reporter/source_catalogue.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::reporter {
namespace {

using nlohmann::json;

json entry(const json& list, const std::string& name) {
    for (const auto& candidate : list) {
        if (candidate.at("name") == name) return candidate;
    }
    return {};
}

class SourceCatalogue : public ::testing::Test {
  protected:
    json catalogue_ = json::parse(source_catalogue());
};

TEST_F(SourceCatalogue, NamesSourcesForProgramsAndForPeople) {
    EXPECT_EQ(catalogue_.at("sources").dump(),
              R"([{"name":"facebook","title":"Facebook"},{"name":"tiktok","title":"TikTok"}])");
}

TEST_F(SourceCatalogue, HasATypeOfBothSourcesOnce) {
    const auto& types = catalogue_.at("eventTypes");
    EXPECT_EQ(types.size(), 12U);
    EXPECT_EQ(entry(types, "video.view"), json::parse(R"({"name": "video.view", "label":
        "Video view", "funnelStage": "top", "hasRevenue": false,
        "sources": ["facebook", "tiktok"]})"));
    EXPECT_EQ(entry(types, "purchase"), json::parse(R"({"name": "purchase", "label": "Purchase",
        "funnelStage": "bottom", "hasRevenue": true, "sources": ["tiktok"]})"));
}

TEST_F(SourceCatalogue, SaysWhatIsKnownOfWhichEvents) {
    const auto& dimensions = catalogue_.at("dimensions");
    EXPECT_EQ(entry(dimensions, "device"), json::parse(R"({"name": "device", "kind": "text",
        "knownOf": [{"source": "facebook", "funnelStage": "bottom"},
                    {"source": "tiktok", "funnelStage": "top"}],
        "choices": [{"name": "mobile", "label": "Mobile", "sources": ["facebook"]},
                    {"name": "desktop", "label": "Desktop", "sources": ["facebook"]},
                    {"name": "Android", "label": "Android", "sources": ["tiktok"]},
                    {"name": "iOS", "label": "iOS", "sources": ["tiktok"]},
                    {"name": "Desktop", "label": "Desktop", "sources": ["tiktok"]}]})"));
    EXPECT_EQ(entry(dimensions, "age"),
              json::parse(R"({"name": "age", "kind": "number", "minimum": 0, "maximum": 150,
        "knownOf": [{"source": "facebook"}]})"));
    EXPECT_EQ(entry(dimensions, "campaignId"), json::parse(R"({"name": "campaignId", "kind": "text",
        "knownOf": [{"source": "facebook", "funnelStage": "bottom"}]})"));
}

}  // namespace
}  // namespace events::reporter
