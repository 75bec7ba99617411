#include "reporter/answer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace events::reporter {
namespace {

TEST(Answer, WritesTheFiguresOfEachReport) {
    EXPECT_EQ(to_json(Category::events, {"42"}), R"({"count":42})");
    EXPECT_EQ(to_json(Category::demographics, {"7"}), R"({"userCount":7})");
    EXPECT_EQ(to_json(Category::revenue, {"100.00", "3"}),
              R"({"revenue":100.00,"transactions":3,"averageOrderValue":33.33})");
}

TEST(Answer, HasNoAverageWithoutTransactions) {
    EXPECT_EQ(to_json(Category::revenue, {"0", "0"}),
              R"({"revenue":0.00,"transactions":0,"averageOrderValue":null})");
}

TEST(Answer, RefusesARowOfAnotherShape) {
    EXPECT_THROW((void)to_json(Category::events, {}), std::out_of_range);
    EXPECT_THROW((void)to_json(Category::revenue, {"1.00"}), std::out_of_range);
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
