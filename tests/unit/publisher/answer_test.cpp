#include "publisher/answer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;

http::ClientResponse response(unsigned status, std::string body,
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::ClientResponse made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return made;
}

TEST(ReadAnswer, TakesTheGatewaysFigures) {
    const auto answer = read_answer(response(202, R"({"saved":90,"failed":10,"spooled":40})"), 100);
    EXPECT_EQ(answer.status, 202U);
    EXPECT_EQ(answer.saved, 90U);
    EXPECT_EQ(answer.failed, 10U);
    EXPECT_EQ(answer.spooled, 40U);
    EXPECT_FALSE(answer.failure);
}

TEST(ReadAnswer, CountsEveryEventAsSavedWhereA2xxSaysNothing) {
    for (const std::string body :
         {"", "OK", "[]", "{}", R"({"saved":"many"})", R"({"saved":-1})"}) {
        const auto answer = read_answer(response(200, body), 100);
        EXPECT_EQ(answer.saved, 100U) << body;
        EXPECT_EQ(answer.failed, 0U) << body;
        EXPECT_FALSE(answer.failure) << body;
    }
}

TEST(ReadAnswer, NeverCountsMoreEventsThanWereSent) {
    const auto answer = read_answer(response(201, R"({"saved":70,"failed":50})"), 100);
    EXPECT_EQ(answer.saved, 70U);
    EXPECT_EQ(answer.failed, 30U);
    EXPECT_FALSE(answer.error.empty());
    EXPECT_EQ(read_answer(response(201, R"({"saved":101,"failed":0})"), 100).saved, 100U);
}

struct FailureCase {
    std::string name;
    unsigned status;
    FailureReason reason;
    bool temporary;
};

class FailedAnswer : public ::testing::TestWithParam<FailureCase> {};

TEST_P(FailedAnswer, SavesNothingAndSaysWhetherToComeBack) {
    const auto& expected = GetParam();
    const auto answer = read_answer(response(expected.status, R"({"saved":5,"failed":0})"), 100);
    EXPECT_EQ(answer.saved, 0U);
    EXPECT_EQ(answer.failure, expected.reason);
    EXPECT_EQ(answer.is_temporary(), expected.temporary);
    EXPECT_FALSE(answer.error.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Statuses, FailedAnswer,
    ::testing::Values(FailureCase{"Redirect", 301, FailureReason::rejected, false},
                      FailureCase{"Malformed", 400, FailureReason::rejected, false},
                      FailureCase{"TooLarge", 413, FailureReason::rejected, false},
                      FailureCase{"TooMany", 429, FailureReason::refused, true},
                      FailureCase{"Bug", 500, FailureReason::rejected, false},
                      FailureCase{"BadGateway", 502, FailureReason::refused, true},
                      FailureCase{"Unavailable", 503, FailureReason::refused, true},
                      FailureCase{"GatewayTimeout", 504, FailureReason::refused, true}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(ReadAnswer, TellsNotSentFromNotAnswered) {
    using Response = Expected<http::ClientResponse, http::ClientError>;
    const auto make = [](bool sent) {
        return read_answer(Response{tl::unexpect, http::ClientError{"no luck", sent}}, 100);
    };
    EXPECT_EQ(make(false).failure, FailureReason::unreachable);
    EXPECT_EQ(make(true).failure, FailureReason::unanswered);
    EXPECT_TRUE(make(false).is_temporary());
    EXPECT_TRUE(make(true).is_temporary());
    EXPECT_EQ(make(true).error, "no luck");
}

TEST(ReadAnswer, ReadsRetryAfterInSecondsOnly) {
    const std::vector<std::pair<std::string, std::chrono::seconds>> cases{
        {"7", 7s},    {"0", 0s},   {"-3", 0s},
        {"soon", 0s}, {"7.5", 0s}, {"Wed, 21 Oct 2026 07:28:00 GMT", 0s}};
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(read_answer(response(503, "", {{"retry-after", text}}), 1).retry_after, expected)
            << text;
    }
    EXPECT_EQ(read_answer(response(503, ""), 1).retry_after, 0s);
}

TEST(RetryDelay, DoublesUpToHalfAMinuteAndIsHalfRandom) {
    Random random{1};
    auto whole = 200ms;
    for (unsigned attempt = 1; attempt < 40; ++attempt) {
        std::set<std::chrono::milliseconds> seen;
        for (int i = 0; i < 100; ++i) {
            const auto delay = retry_delay(attempt, 0s, random);
            EXPECT_GE(delay, whole / 2);
            EXPECT_LE(delay, whole);
            seen.insert(delay);
        }
        EXPECT_GT(seen.size(), 10U);
        whole = std::min<std::chrono::milliseconds>(whole * 2, 30s);
    }
}

TEST(RetryDelay, IsNeverShorterThanWhatTheGatewayAskedForUpToFiveMinutes) {
    Random random{1};
    EXPECT_GE(retry_delay(1, 3s, random), 3s);
    EXPECT_LT(retry_delay(1, 3s, random), 4s);
    EXPECT_GE(retry_delay(1, 24h, random), 5min);
    EXPECT_LT(retry_delay(1, 24h, random), 6min);
}

}  // namespace
}  // namespace events::publisher
