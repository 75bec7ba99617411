#include "reporter/answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::reporter {
namespace {

using segments::Figures;

Report of(Category category, Figures total) {
    Report report{.category = category};
    report.answer.total = total;
    return report;
}

Report grouped() {
    auto report = of(Category::revenue, {3, 10'000});
    report.keys = {Key::source, Key::campaign_id};
    report.answer.groups = {{{"facebook", "a, \"b\""}, {2, 9'000}, {}},
                            {{"tiktok", std::nullopt}, {1, 1'000}, {}}};
    report.answer.truncated = true;
    return report;
}

Report with_series() {
    auto report = of(Category::events, {.count = 3});
    report.times = {"2026-03-01T00:00:00Z", "2026-03-01T00:01:00Z"};
    report.answer.series = {{.count = 3}, {}};
    return report;
}

TEST(Json, HasTheFiguresOfEachReport) {
    EXPECT_EQ(to_json(of(Category::events, {.count = 42})), R"({"count":42})");
    EXPECT_EQ(to_json(of(Category::demographics, {.count = 7})), R"({"userCount":7})");
    EXPECT_EQ(to_json(of(Category::revenue, {3, 10'000})),
              R"({"revenue":100.00,"transactions":3,"averageOrderValue":33.33})");
}

TEST(Json, HasNoAverageWithoutTransactions) {
    EXPECT_EQ(to_json(of(Category::revenue, {})),
              R"({"revenue":0.00,"transactions":0,"averageOrderValue":null})");
}

TEST(Json, HasTheGroupsWithTheirKeys) {
    EXPECT_EQ(to_json(grouped()),
              R"({"revenue":100.00,"transactions":3,"averageOrderValue":33.33,"groups":[)"
              R"({"source":"facebook","campaignId":"a, \"b\"","revenue":90.00,"transactions":2,)"
              R"("averageOrderValue":45.00},{"source":"tiktok","campaignId":null,"revenue":10.00,)"
              R"("transactions":1,"averageOrderValue":10.00}],"truncated":true})");
}

TEST(Json, HasTheSeries) {
    EXPECT_EQ(to_json(with_series()),
              R"({"count":3,"series":[{"time":"2026-03-01T00:00:00Z","count":3},)"
              R"({"time":"2026-03-01T00:01:00Z","count":0}]})");
}

TEST(Json, HasASeriesInEachGroupWhenBothAreAskedFor) {
    auto report = with_series();
    report.keys = {Key::event_type};
    report.answer.groups = {{{"like"}, {.count = 3}, {{.count = 3}, {}}}};
    EXPECT_EQ(to_json(report),
              R"({"count":3,"groups":[{"eventType":"like","count":3,"series":[)"
              R"({"time":"2026-03-01T00:00:00Z","count":3},)"
              R"({"time":"2026-03-01T00:01:00Z","count":0}]}],"truncated":false,"series":[)"
              R"({"time":"2026-03-01T00:00:00Z","count":3},)"
              R"({"time":"2026-03-01T00:01:00Z","count":0}]})");
}

TEST(Json, SaysFromWhenOnEventsAreKept) {
    auto report = grouped();
    report.answer.groups.clear();
    report.kept_from = "2026-03-01T00:00:00Z";
    EXPECT_EQ(to_json(report), R"({"revenue":100.00,"transactions":3,"averageOrderValue":33.33,)"
                               R"("from":"2026-03-01T00:00:00Z","groups":[],"truncated":true})");
}

TEST(Csv, IsTheGroupsOrTheSeriesOrTheFigures) {
    EXPECT_EQ(to_csv(of(Category::revenue, {})),
              "revenue,transactions,averageOrderValue\r\n0.00,0,\r\n");
    EXPECT_EQ(to_csv(grouped()),
              "source,campaignId,revenue,transactions,averageOrderValue\r\n"
              "facebook,\"a, \"\"b\"\"\",90.00,2,45.00\r\n"
              "tiktok,,10.00,1,10.00\r\n");
    EXPECT_EQ(to_csv(with_series()),
              "time,count\r\n2026-03-01T00:00:00Z,3\r\n2026-03-01T00:01:00Z,0\r\n");
}

TEST(Csv, HasALineForEachTimeOfEachGroup) {
    auto report = with_series();
    report.keys = {Key::event_type};
    report.answer.groups = {{{"like"}, {.count = 3}, {{.count = 3}, {}}}};
    EXPECT_EQ(to_csv(report),
              "time,eventType,count\r\n2026-03-01T00:00:00Z,like,3\r\n"
              "2026-03-01T00:01:00Z,like,0\r\n");
}

TEST(Csv, KeepsASpreadsheetFromRunningATextAsAFormula) {
    auto report = grouped();
    report.answer.groups = {{{"facebook", "=1+1"}, {1, 100}, {}}};
    EXPECT_NE(to_csv(report).find("facebook,'=1+1,"), std::string::npos);
}

TEST(Csv, TellsTheEmptyTextFromNothing) {
    auto report = grouped();
    report.answer.groups = {{{"facebook", ""}, {1, 100}, {}}, {{"tiktok", std::nullopt}, {}, {}}};
    const auto csv = to_csv(report);
    EXPECT_NE(csv.find("facebook,\"\",1.00"), std::string::npos) << csv;
    EXPECT_NE(csv.find("tiktok,,0.00"), std::string::npos) << csv;
}

TEST(Csv, IsOnlyAHeaderWhereThereIsNothing) {
    auto report = grouped();
    report.answer.groups.clear();
    EXPECT_EQ(to_csv(report), "source,campaignId,revenue,transactions,averageOrderValue\r\n");
}

TEST(Describe, NamesEveryBadParameterInOneSentence) {
    EXPECT_EQ(describe(std::vector<BadParameter>{{"from", "x"}}),
              "This parameter can not be used: from.");
    EXPECT_EQ(describe(std::vector<BadParameter>{{"from", "x"}, {"to", "y"}}),
              "These parameters can not be used: from, to.");
}

TEST(ErrorsMember, IsTheMemberOfAJsonObject) {
    const std::vector<BadParameter> bad{{"from", "must be a time"}, {"a\"b\xFF", "is unknown"}};
    const auto json = nlohmann::json::parse("{" + errors_member(bad) + "}");
    ASSERT_EQ(json.at("errors").size(), 2U);
    EXPECT_EQ(json["errors"][0]["parameter"], "from");
    EXPECT_EQ(json["errors"][0]["message"], "must be a time");
    EXPECT_EQ(json["errors"][1]["parameter"], "a\"b\xEF\xBF\xBD");
}

}  // namespace
}  // namespace events::reporter
