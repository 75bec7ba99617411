#include "gateway/answer.hpp"

#include "common/sources/facebook.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace events::gateway {
namespace {

using nlohmann::json;

RejectedEvent rejected(std::size_t index, std::optional<std::string> id) {
    return {
        .index = index,
        .json = "{}",
        .why = {RejectionCode::out_of_range, "data.user.age", "must be at most 150", std::move(id)},
        .source = kFacebook};
}

TEST(Answer, OfAWholeRequestNamesNoErrors) {
    const auto response = checked({.saved = 3, .failed = 0}, {}, {});
    EXPECT_EQ(response.status, 201U);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body, R"({"saved":3,"failed":0})");
}

TEST(Answer, OfWhatIsInTheSpoolSaysHowMuch) {
    const auto response = checked({.saved = 5, .failed = 0, .spooled = 2}, {}, {});
    EXPECT_EQ(response.status, 202U);
    EXPECT_EQ(response.body, R"({"saved":5,"failed":0,"spooled":2})");
}

TEST(Answer, SaysWhatIsWrongWithEachInvalidEvent) {
    const std::vector<RejectedEvent> events{rejected(4, "fb-1"), rejected(9, std::nullopt)};
    const auto response = checked({.saved = 8, .failed = 2}, events, {});
    EXPECT_EQ(json::parse(response.body), json::parse(R"({"saved":8,"failed":2,"errors":[
        {"index":4,"eventId":"fb-1","code":"out_of_range","path":"data.user.age",
         "message":"must be at most 150"},
        {"index":9,"eventId":null,"code":"out_of_range","path":"data.user.age",
         "message":"must be at most 150"}]})"));
}

TEST(Answer, ShowsTheFirstHundredErrors) {
    std::vector<RejectedEvent> events;
    for (std::size_t i = 0; i < 250; ++i) events.push_back(rejected(i, std::nullopt));
    const auto body = json::parse(checked({.saved = 0, .failed = 250}, events, {}).body);
    EXPECT_EQ(body.at("failed"), 250);
    EXPECT_EQ(body.at("errors").size(), 100U);
    EXPECT_EQ(body.at("errors").back().at("index"), 99);
    EXPECT_EQ(body.at("errorsOmitted"), 150);
}

TEST(Answer, HasAnEntryForEachProblemWithTheValueThatIsThere) {
    auto event = rejected(4, "fb-1");
    event.why.found = "it is 151";
    event.why.more.push_back({.code = RejectionCode::missing_field,
                              .path = "data.engagement",
                              .message = "data.engagement is missing",
                              .event_id = std::nullopt});
    event.why.left_out = 7;
    const auto response = checked({.saved = 0, .failed = 1}, std::vector{event}, {});
    EXPECT_EQ(response.body,
              R"({"saved":0,"failed":1,"errors":[)"
              R"({"index":4,"eventId":"fb-1","code":"out_of_range","path":"data.user.age",)"
              R"("message":"must be at most 150; it is 151"},)"
              R"({"index":4,"eventId":"fb-1","code":"missing_field","path":"data.engagement",)"
              R"("message":"data.engagement is missing"}],"errorsOmitted":7})");
}

TEST(Answer, OfADryRunSaysSo) {
    const auto response = checked({.saved = 3, .failed = 0}, {}, {.dry_run = true});
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, R"({"saved":3,"failed":0,"dryRun":true})");
    EXPECT_EQ(checked({.saved = 3, .failed = 1}, {}, {.dry_run = true}).status, 200U);
}

TEST(Answer, WhereEventsFailIs422OnlyToWhomItIsStrict) {
    for (const std::uint64_t spooled : {0U, 2U}) {
        const Tally good{.saved = 3, .failed = 0, .spooled = spooled};
        const Tally bad{.saved = 3, .failed = 1, .spooled = spooled};
        const unsigned usual = spooled == 0 ? 201 : 202;
        EXPECT_EQ(checked(bad, {}, {}).status, usual);
        EXPECT_EQ(checked(good, {}, {.strict = true}).status, usual);
        EXPECT_EQ(checked(bad, {}, {.strict = true}).status, 422U);
        EXPECT_EQ(checked(bad, {}, {.strict = true}).body, checked(bad, {}, {}).body);
    }
    EXPECT_EQ(checked({.saved = 3, .failed = 1}, {}, {.dry_run = true, .strict = true}).status,
              422U);
}

TEST(Answer, NamesEveryParameterThatCanNotBeUsed) {
    const std::vector<BadSendOption> bad{{"strict", "must be true or false"},
                                         {"dry\xff", "must be written dryRun"}};
    const auto response = refused(bad, "c-1");
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = json::parse(response.body);
    EXPECT_EQ(body.at("correlationId"), "c-1");
    EXPECT_EQ(body.at("errors").at(0),
              json::parse(R"({"parameter":"strict","message":"must be true or false"})"));
    EXPECT_EQ(body.at("errors").size(), 2U);
}

TEST(Answer, WhenNotStoredAsksToComeAgainAndSaysHowFarItGot) {
    const auto response = not_stored("Full.", "c-1", {.saved = 5, .failed = 1});
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto has_retry_after = std::ranges::any_of(
        response.headers, [](const auto& field) { return field.first == "Retry-After"; });
    EXPECT_TRUE(has_retry_after);
    const auto body = json::parse(response.body);
    EXPECT_EQ(body.at("saved"), 5);
    EXPECT_EQ(body.at("failed"), 1);
    EXPECT_EQ(body.at("correlationId"), "c-1");
    EXPECT_EQ(body.at("status"), 503);
}

}  // namespace
}  // namespace events::gateway
