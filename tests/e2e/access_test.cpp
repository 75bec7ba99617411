// Who gets in: keys and signatures at the gateway, tokens at the reporter, over the whole suite.
#include "common/crypto/digest.hpp"
#include "integration/http/raw_client.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/zlib.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOldKey = "the-old-key-0123456789";
const std::string kNewKey = "the-new-key-0123456789";
const std::string kMetaSecret = "meta-secret-0123456789";
const std::string kTikTokSecret = "tiktok-secret-0123456789";
const std::string kVerifyToken = "verify-token-0123456789";
const std::string kReportToken = "report-token-0123456789";

std::string meta_signature(std::string_view body, std::string_view secret = kMetaSecret) {
    return "sha256=" + crypto::to_hex(crypto::hmac_sha256(secret, {body}));
}

std::string tiktok_signature(std::string_view body, std::chrono::seconds age = 0s) {
    const auto at = std::chrono::system_clock::now() - age;
    const auto time = std::to_string(std::chrono::system_clock::to_time_t(at));
    return "t=" + time +
           ",s=" + crypto::to_hex(crypto::hmac_sha256(kTikTokSecret, {time, ".", body}));
}

void expect_unauthorized(const http::ClientResponse& response) {
    EXPECT_EQ(response.status, 401U) << response.body;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(nlohmann::json::parse(response.body).at("correlationId"),
              response.header("X-Correlation-Id"));
}

std::string refusals(const std::string& reason, const std::string& route = "/events") {
    return "unauthenticated_requests_total{reason=\"" + reason + "\",route=\"" + route + "\"}";
}

/// No secret of this file stands in what a daemon has printed.
void expect_no_secret(const Stack& stack, const std::string& daemon) {
    const auto log = read_file(stack.log_file(daemon));
    EXPECT_FALSE(log.empty());
    for (const auto& secret :
         {kOldKey, kNewKey, kMetaSecret, kTikTokSecret, kVerifyToken, kReportToken}) {
        EXPECT_THAT(log, Not(HasSubstr(secret)));
    }
}

/// A gateway with every kind of door.
class Access : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        stack_ = new Stack;
        stack_->start("gateway", {{"API_KEYS", kOldKey + "," + kNewKey},
                                  {"META_APP_SECRETS", "another-secret-of-meta," + kMetaSecret},
                                  {"TIKTOK_CLIENT_SECRETS", kTikTokSecret},
                                  {"META_VERIFY_TOKEN", kVerifyToken},
                                  {"LOG_LEVEL", "trace"}});
    }
    static void TearDownTestSuite() {
        expect_no_secret(*stack_, "gateway");
        delete stack_;
        stack_ = nullptr;
    }

    static Stack* stack_;
};

Stack* Access::stack_ = nullptr;

TEST_F(Access, IsForEitherKeyInEitherHeader) {
    for (const auto& key : {kOldKey, kNewKey}) {
        EXPECT_EQ(stack_->post("[]", {{"Authorization", "Bearer " + key}}).status, 201U);
        EXPECT_EQ(stack_->post("[]", {{"X-API-Key", key}}).status, 201U);
    }
}

TEST_F(Access, IsRefusedWithoutAProofOrWithAWrongOne) {
    const auto missing = stack_->metric("gateway", refusals("missing"));
    const auto wrong = stack_->metric("gateway", refusals("wrong_key"));
    expect_unauthorized(stack_->post("[]"));
    expect_unauthorized(stack_->post("not even JSON", {}, "text/plain"));
    expect_unauthorized(stack_->post("[]", {{"X-API-Key", "some-other-key-01234"}}));
    expect_unauthorized(stack_->post(
        "[]", {{"X-API-Key", kNewKey}, {"Authorization", "Bearer some-other-key-01234"}}));
    EXPECT_EQ(stack_->metric("gateway", refusals("missing")), missing + 2);
    EXPECT_EQ(stack_->metric("gateway", refusals("wrong_key")), wrong + 2);
}

TEST_F(Access, IsRefusedBeforeTheBodyIsSent) {
    RawClient client{stack_->port("gateway")};
    // Neither the body nor `100 Continue` ever comes.
    ASSERT_TRUE(
        client.send("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"
                    "Expect: 100-continue\r\n\r\n"));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 401U);
    EXPECT_EQ(response->header("connection"), "close");
}

TEST_F(Access, IsForAMetaSignatureOfTheBodyAsItCame) {
    const auto body = make_batch(3).body;
    EXPECT_EQ(stack_->post(body, {{"X-Hub-Signature-256", meta_signature(body)}}).status, 201U);
    const auto packed = pack(body);
    EXPECT_EQ(stack_
                  ->post(packed, {{"Content-Encoding", "gzip"},
                                  {"X-Hub-Signature-256", meta_signature(packed)}})
                  .status,
              201U);
    // That of what is inside is not that of what came.
    expect_unauthorized(stack_->post(
        packed, {{"Content-Encoding", "gzip"}, {"X-Hub-Signature-256", meta_signature(body)}}));
}

TEST_F(Access, IsForALargeBodyToo) {
    const auto body = make_batch(5'000).body;
    ASSERT_GT(body.size(), 1U << 20);
    EXPECT_EQ(stack_->post(body, {{"X-Hub-Signature-256", meta_signature(body)}}).status, 201U);
    expect_unauthorized(stack_->post(
        body, {{"X-Hub-Signature-256", meta_signature(body, "some-other-secret-01")}}));
}

TEST_F(Access, IsForATikTokSignatureOfOurTime) {
    const auto body = make_batch(3).body;
    const auto expired = stack_->metric("gateway", refusals("expired_signature"));
    EXPECT_EQ(stack_->post(body, {{"TikTok-Signature", tiktok_signature(body)}}).status, 201U);
    expect_unauthorized(stack_->post(body, {{"TikTok-Signature", tiktok_signature(body, 10min)}}));
    expect_unauthorized(stack_->post(body, {{"TikTok-Signature", tiktok_signature(body, -10min)}}));
    EXPECT_EQ(stack_->metric("gateway", refusals("expired_signature")), expired + 2);
}

TEST_F(Access, StoresNothingOfABodyThatIsNotSignedSo) {
    const auto dead = [&] {
        return stack_->metric("gateway",
                              "dead_letter_events_total{reason=\"malformed_body\","
                              "source=\"unknown\"}");
    };
    const auto before = dead();
    const auto wrong = stack_->metric("gateway", refusals("wrong_signature"));
    expect_unauthorized(
        stack_->post("not even JSON", {{"X-Hub-Signature-256", meta_signature("another body")}}));
    EXPECT_EQ(dead(), before);
    EXPECT_EQ(stack_->metric("gateway", refusals("wrong_signature")), wrong + 1);
}

TEST_F(Access, NeedsEveryProofThatIsShownToBeRight) {
    expect_unauthorized(stack_->post(
        "[]", {{"X-API-Key", kNewKey}, {"X-Hub-Signature-256", meta_signature("[1]")}}));
    expect_unauthorized(
        stack_->post("[]", {{"X-API-Key", kNewKey}, {"X-Hub-Signature-256", "what ever"}}));
    EXPECT_EQ(stack_
                  ->post("[]", {{"X-API-Key", kNewKey},
                                {"X-Hub-Signature-256", meta_signature("[]")},
                                {"TikTok-Signature", tiktok_signature("[]")}})
                  .status,
              201U);
}

TEST_F(Access, ToTheOperationsIsForEverybody) {
    for (const auto* path : {"/liveness", "/readiness", "/metrics"}) {
        EXPECT_EQ(stack_->get("gateway", path).status, 200U) << path;
    }
}

TEST_F(Access, AnswersMetasHandshake) {
    const std::string ask = "/events?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    const auto answer = stack_->get("gateway", ask + kVerifyToken);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "1158201444");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");

    const auto refused = stack_->get("gateway", ask + "some-other-token-0123");
    EXPECT_EQ(refused.status, 403U);
    EXPECT_THAT(refused.body, Not(HasSubstr("1158201444")));
    EXPECT_EQ(stack_->get("gateway", "/events").status, 403U);
    EXPECT_EQ(stack_->get("gateway", "/events?hub.verify_token=" + kVerifyToken).status, 400U);
}

TEST_F(Access, LogsAFloodInAFewLines) {
    auto client = stack_->new_client("gateway");
    for (int i = 0; i < 500; ++i) {
        const auto response =
            client.send({.method = "POST", .target = "/events", .body = "[]"}, 60s);
        ASSERT_TRUE(response);
        ASSERT_EQ(response->status, 401U);
    }
    std::uint64_t lines = 0;
    for (const auto& line : stack_->log("gateway")) {
        if (line.at("level") >= 30 && line.at("msg") == "requests were not let in") ++lines;
    }
    EXPECT_GE(lines, 1U);
    EXPECT_LT(lines, 50U);  // one in ten seconds, for as long as the whole test may take
}

TEST(AccessOfTheSuite, IsPassedByThePublisherAndAskedForByTheReporter) {
    Stack stack;
    const TemporaryDirectory folder;
    const auto keys = folder.path() / "keys";
    std::ofstream{keys} << kOldKey << "\n" << kNewKey << "\n";
    stack.start("gateway", {{"API_KEYS_FILE", keys.string()}});
    stack.start("fb-collector");
    stack.start("ttk-collector");
    stack.start("reporter", {{"REPORT_TOKENS", kReportToken}});
    stack.launch("publisher", {{"EVENT_API_KEY", kNewKey},
                               {"COUNT", "500"},
                               {"MIN_EVENTS", "100"},
                               {"MAX_EVENTS", "100"},
                               {"INVALID_RATIO", "0"},
                               {"INTERVAL_MS", "0"},
                               {"LOG_LEVEL", "trace"}});
    EXPECT_EQ(stack.wait_end("publisher").code, 0);
    EXPECT_TRUE(stack.await_rows(500));

    expect_unauthorized(stack.get("reporter", "/reports/events"));
    auto client = stack.new_client("reporter");
    const auto response = client.send(
        {.target = "/reports/events", .headers = {{"Authorization", "Bearer " + kReportToken}}},
        60s);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, R"({"count":500})");
    for (const auto* path :
         {"/", "/docs", "/openapi.json", "/liveness", "/readiness", "/metrics"}) {
        EXPECT_EQ(stack.get("reporter", path).status, 200U) << path;
    }
    EXPECT_EQ(stack.metric("reporter", refusals("missing", "/reports/events")), 1);
    for (const auto* daemon : {"gateway", "publisher", "reporter"}) expect_no_secret(stack, daemon);
}

TEST(AccessOfTheSuite, IsRefusedToAPublisherWithoutTheKeyWhichLosesItsEventsAndSaysSo) {
    Stack stack;
    stack.start("gateway", {{"API_KEYS", kNewKey}});
    stack.launch("publisher", {{"EVENT_API_KEY", "some-other-key-0123456"},
                               {"COUNT", "10"},
                               {"MIN_EVENTS", "10"},
                               {"MAX_EVENTS", "10"},
                               {"RETRY", "true"}});
    EXPECT_EQ(stack.wait_end("publisher").code, 1);
    const auto log = read_file(stack.log_file("publisher"));
    EXPECT_THAT(log, HasSubstr("\"status\":401"));
    EXPECT_THAT(log, Not(HasSubstr("some-other-key-0123456")));
}

TEST(AccessOfTheSuite, IsAsBeforeWhereNothingIsConfigured) {
    Stack stack;
    stack.start("gateway");
    EXPECT_EQ(stack
                  .post("[]", {{"X-Hub-Signature-256", "what ever"},
                               {"Authorization", "Bearer what ever"}})
                  .status,
              201U);
    const auto get = stack.get("gateway", "/events?hub.mode=subscribe&hub.challenge=1");
    EXPECT_EQ(get.status, 405U);
    EXPECT_EQ(get.header("Allow"), "POST");
}

TEST(AccessOfTheSuite, IsNotLeftOpenByAnEmptyList) {
    Stack stack;
    EXPECT_THROW(stack.start("gateway", {{"API_KEYS", ","}}), std::runtime_error);
    EXPECT_THAT(read_file(stack.log_file("gateway")), HasSubstr("API_KEYS: \"***\" is not"));
    EXPECT_THROW(stack.start("reporter", {{"REPORT_TOKENS", "hunter2"}}), std::runtime_error);
    EXPECT_THAT(read_file(stack.log_file("reporter")), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace events::test
