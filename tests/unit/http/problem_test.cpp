#include "common/http/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Pair;

TEST(Problem, HasTheMembersOfRfc9457AndTheCorrelationId) {
    const auto response = problem(404, "there is nothing here", "abc-1");
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(nlohmann::json::parse(response.body),
              (nlohmann::json{{"type", "about:blank"},
                              {"title", "Not Found"},
                              {"status", 404},
                              {"detail", "there is nothing here"},
                              {"correlationId", "abc-1"}}));
    EXPECT_THAT(response.headers, Contains(Pair("Cache-Control", "no-store")));
}

TEST(Problem, AddsMembersAsTheyAre) {
    const auto response = problem(503, "full", "abc-1", R"("saved":3,"failed":0)");
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body["saved"], 3);
    EXPECT_EQ(body["failed"], 0);
    EXPECT_EQ(body["correlationId"], "abc-1");
}

TEST(Problem, QuotesWhatAClientSentWithoutBreaking) {
    const auto response = problem(400, "bad \"from\"\n\xFF\x01", "abc-1");
    EXPECT_EQ(nlohmann::json::parse(response.body)["detail"], "bad \"from\"\n\xEF\xBF\xBD\x01");
}

TEST(RetryLater, SaysWhenInWholeSeconds) {
    const auto response = retry_later("full", "abc-1", 5s, R"("saved":0)");
    EXPECT_EQ(response.status, 503U);
    EXPECT_THAT(response.headers, Contains(Pair("Retry-After", "5")));
    EXPECT_EQ(nlohmann::json::parse(response.body)["saved"], 0);
}

TEST(RetryLater, NeverNamesATimeInThePast) {
    EXPECT_THAT(retry_later("full", "abc-1", -3s).headers, Contains(Pair("Retry-After", "0")));
}

TEST(TitleOf, KnowsEveryStatusThatTheServerMakes) {
    for (const unsigned status :
         {200U, 201U, 202U, 400U, 404U, 405U, 408U, 413U, 415U, 417U, 431U, 500U, 501U, 503U}) {
        EXPECT_NE(title_of(status), "Unknown") << status;
    }
    EXPECT_EQ(title_of(799), "Unknown");
}

}  // namespace
}  // namespace events::http
