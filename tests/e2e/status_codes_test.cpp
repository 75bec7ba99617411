// Every row of the contract's table of POST /events.
#include "dead_letters.hpp"
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/zlib.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace events::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::string some_events(std::int64_t count, std::uint64_t seed = 1) {
    return make_batch(count, seed).body;
}

/// RFC 9457, with what the contract adds.
void expect_problem(const http::ClientResponse& response, unsigned status) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    const auto body = json::parse(response.body);
    EXPECT_EQ(body.at("status"), status);
    for (const auto* member : {"type", "title", "detail"}) {
        EXPECT_TRUE(body.at(member).is_string()) << member;
    }
    EXPECT_EQ(body.at("correlationId"), response.header("X-Correlation-Id"));
}

/// One gateway for the cases that leave it as it was.
class StatusCodes : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        stack_ = new Stack;
        stack_->start("gateway", {{"MAX_BODY_BYTES", "1MiB"}, {"MAX_INFLIGHT_BYTES", "2MiB"}});
    }
    static void TearDownTestSuite() {
        delete stack_;
        stack_ = nullptr;
    }

    static Stack* stack_;
};

Stack* StatusCodes::stack_ = nullptr;

TEST_F(StatusCodes, Is201WhenEveryEventIsStored) {
    const auto response = stack_->post(some_events(10));
    EXPECT_EQ(response.status, 201U);
    EXPECT_EQ(response.body, R"({"saved":10,"failed":0})");
    EXPECT_EQ(response.header("Content-Type"), "application/json");
}

TEST_F(StatusCodes, Is201WhenEveryEventIsInvalidAndNamesTheFirstHundred) {
    std::string body = "[";
    for (int i = 0; i < 150; ++i)
        body += (i > 0 ? ",{\"n\":" : "{\"n\":") + std::to_string(i) + "}";
    const auto response = stack_->post(body + "]");
    EXPECT_EQ(response.status, 201U);
    const auto answer = json::parse(response.body);
    EXPECT_EQ(answer.at("saved"), 0);
    EXPECT_EQ(answer.at("failed"), 150);
    EXPECT_EQ(answer.at("errors").size(), 100U);
    // Six problems each: eventId, timestamp, source, funnelStage, eventType and data.
    EXPECT_EQ(answer.at("errorsOmitted"), 150 * 6 - 100);
    EXPECT_EQ(answer.at("errors").at(7).at("index"), 1);
    EXPECT_EQ(answer.at("errors").at(7).at("path"), "timestamp");
    EXPECT_EQ(answer.at("errors").at(7).at("code"), "missing_field");
    EXPECT_TRUE(answer.at("errors").at(7).at("eventId").is_null());
}

std::string one_good_one_bad(const std::string& id) {
    auto good = make_batch(1, 7).body;
    good.erase(good.rfind(']'));
    return good + R"(,{"eventId":")" + id + R"("}])";
}

bool has_letter(Stack& stack, const std::string& id) {
    const auto letters = read_stream(stack.nats().url(), "EVENTS_DEAD");
    return std::ranges::any_of(letters, [&](const StoredMessage& letter) {
        return letter.payload.find(id) != std::string::npos;
    });
}

TEST_F(StatusCodes, Is200ForADryRunWhichKeepsAndCountsNothing) {
    const auto accepted = [] { return stack_->metric("gateway", "accepted_events_total"); };
    const auto before = accepted();
    const auto events = read_stream(stack_->nats().url(), "EVENTS_FACEBOOK").size() +
                        read_stream(stack_->nats().url(), "EVENTS_TIKTOK").size();
    const auto response = stack_->post(one_good_one_bad("dry-1"), {}, "application/json",
                                       "/events?dryRun=true&utm_source=mail");
    EXPECT_EQ(response.status, 200U);
    const auto answer = json::parse(response.body);
    EXPECT_EQ(answer.at("saved"), 1);
    EXPECT_EQ(answer.at("failed"), 1);
    EXPECT_EQ(answer.at("dryRun"), true);
    EXPECT_EQ(answer.at("errors").size(), 5U);
    expect_problem(stack_->post("dry-2: not JSON", {}, "application/json", "/events?dryRun=true"),
                   400);

    EXPECT_EQ(accepted(), before);
    EXPECT_EQ(read_stream(stack_->nats().url(), "EVENTS_FACEBOOK").size() +
                  read_stream(stack_->nats().url(), "EVENTS_TIKTOK").size(),
              events);
    EXPECT_FALSE(has_letter(*stack_, "dry-1"));
    EXPECT_FALSE(has_letter(*stack_, "dry-2"));
}

TEST_F(StatusCodes, Is422WhereAnEventFailsAndTheSenderIsStrict) {
    const auto response =
        stack_->post(one_good_one_bad("strict-1"), {}, "application/json", "/events?strict=true");
    EXPECT_EQ(response.status, 422U);
    EXPECT_EQ(response.header("Content-Type"), "application/json");
    EXPECT_EQ(json::parse(response.body).at("saved"), 1);
    EXPECT_TRUE(has_letter(*stack_, "strict-1"));
    EXPECT_EQ(stack_->post(some_events(1), {}, "application/json", "/events?strict=true").status,
              201U);
}

TEST_F(StatusCodes, Is400ForASendOptionThatCanNotBeUsed) {
    const auto response =
        stack_->post(some_events(1), {}, "application/json", "/events?dryrun=true&strict=1");
    expect_problem(response, 400);
    EXPECT_EQ(json::parse(response.body).at("errors").size(), 2U);
}

TEST_F(StatusCodes, Is201ForNoEventsAtAll) {
    EXPECT_EQ(stack_->post("[]").body, R"({"saved":0,"failed":0})");
}

TEST_F(StatusCodes, Is400ForABodyThatIsNotEvents) {
    for (const auto* body : {"not json", "", "42", "\"text\"", "null", "[{\"a\":1}", "{\"a\":"}) {
        SCOPED_TRACE(body);
        expect_problem(stack_->post(body), 400);
    }
    expect_problem(stack_->post("no gzip", {{"Content-Encoding", "gzip"}}), 400);
}

TEST_F(StatusCodes, ABodyThatIsNotEventsIsKept) {
    const std::string body = "this is not JSON, but somebody may want it back";
    expect_problem(stack_->post(body), 400);
    const auto letters = read_stream(stack_->nats().url(), "EVENTS_DEAD");
    const auto kept = std::ranges::find(letters, body, &StoredMessage::payload);
    ASSERT_NE(kept, letters.end());
    EXPECT_EQ(kept->headers.at("X-Reason-Code"), "malformed_body");
}

TEST(StatusCodesOfALostBody, IsNot400ForABodyThatIsNotEventsAndIsKeptNowhere) {
    // It was answered 400, and nothing counted or logged that its dead letter was stored nowhere.
    Stack stack;
    stack.start("gateway", {{"SPOOL_MAX_BYTES", "1MiB"}});
    stack.nats().kill();
    const std::string body = "not events, but somebody's " + std::string(100'000, 'x');
    for (int i = 0; i < 9; ++i) EXPECT_EQ(stack.post(body).status, 400U) << "kept in the spool";
    ASSERT_TRUE(await([&] { return stack.post(body).status == 503U; }));
    const auto response = stack.post(body);
    expect_problem(response, 503);
    EXPECT_EQ(response.header("Retry-After"), "2");
    const std::string counted = R"({reason="malformed_body",source="unknown"})";
    EXPECT_GE(stack.metric("gateway", "lost_dead_letter_events_total" + counted), 2);
    EXPECT_EQ(stack.post("[{\"note\":\"" + std::string(200'000, 'x') + "\"}]").status, 503U);
    const auto lines = stack.log("gateway");
    EXPECT_GE(std::ranges::count(lines, "events not stored",
                                 [](const json& line) { return line.value("msg", ""); }),
              3);
}

TEST_F(StatusCodes, Is413ForABodyOverTheLimit) {
    expect_problem(stack_->post(std::string((1 << 20) + 1, ' ')), 413);
}

TEST_F(StatusCodes, Is413ForABodyThatIsOverTheLimitWhenItIsUnpacked) {
    const std::string large(2 << 20, ' ');
    expect_problem(stack_->post(pack(large), {{"Content-Encoding", "gzip"}}), 413);
    for (const auto format : {ZlibFormat::zlib, ZlibFormat::bare}) {
        expect_problem(stack_->post(pack(large, format), {{"Content-Encoding", "deflate"}}), 413);
    }
}

TEST_F(StatusCodes, Is201ForAPackedBody) {
    const auto body = some_events(5, 77);
    for (const auto& [format, coding] :
         {std::pair{ZlibFormat::gzip, "gzip"}, std::pair{ZlibFormat::zlib, "deflate"},
          std::pair{ZlibFormat::bare, "deflate"}}) {
        const auto response = stack_->post(pack(body, format), {{"Content-Encoding", coding}});
        EXPECT_EQ(response.body, R"({"saved":5,"failed":0})");
    }
    expect_problem(stack_->post("no deflate", {{"Content-Encoding", "deflate"}}), 400);
}

TEST_F(StatusCodes, Is201BehindASlashAndForAnAbsoluteTarget) {
    const std::string counted =
        R"(http_requests_total{method="POST",route="/events",status="201"})";
    const auto before = stack_->metric("gateway", counted);
    auto client = stack_->new_client("gateway");
    for (const auto* target : {"/events/", "/events/?x=1", "http://somewhere/events",
                               "https://somewhere:443/events?x=1"}) {
        const auto response = client.send({.method = "POST",
                                           .target = target,
                                           .content_type = "application/json",
                                           .body = "[]",
                                           .headers = {}},
                                          kPatience);
        ASSERT_TRUE(response) << target;
        EXPECT_EQ(response->status, 201U) << target;
    }
    EXPECT_EQ(stack_->metric("gateway", counted) - before, 4) << "one label for all of them";
}

TEST_F(StatusCodes, Is415ForAnotherTypeOrEncoding) {
    const auto type = stack_->post("[]", {}, "text/plain");
    expect_problem(type, 415);
    EXPECT_NE(type.header("Accept").find("application/json"), std::string_view::npos);
    const auto coding = stack_->post("[]", {{"Content-Encoding", "br"}});
    expect_problem(coding, 415);
    EXPECT_EQ(coding.header("Accept-Encoding"), "gzip, deflate");
}

TEST_F(StatusCodes, Is405WithAllowForAnotherMethodAnd404ForAnotherPath) {
    const auto wrong_method = stack_->get("gateway", "/events");
    expect_problem(wrong_method, 405);
    EXPECT_EQ(wrong_method.header("Allow"), "POST");
    expect_problem(stack_->get("gateway", "/event"), 404);
}

TEST(StatusCodesOnTheirOwn, Is503WhenStreamAndSpoolAreFullAndTellsWhatWasSaved) {
    Stack stack;
    // And nobody collects.
    stack.start("gateway", {{"STREAM_MAX_BYTES", "256KiB"},
                            {"SPOOL_MAX_BYTES", "1MiB"},
                            {"MESSAGE_COMPRESSION", "none"}});
    unsigned status = 201;
    http::ClientResponse response;
    for (std::uint64_t seed = 1; seed <= 20 && status != 503; ++seed) {
        response = stack.post(some_events(400, seed));
        status = response.status;
    }
    expect_problem(response, 503);
    EXPECT_FALSE(response.header("Retry-After").empty());
    const auto body = json::parse(response.body);
    EXPECT_TRUE(body.at("saved").is_number_unsigned());
    EXPECT_LT(body.at("saved"), 400);
    EXPECT_EQ(body.at("failed"), 0);
}

TEST(StatusCodesOnTheirOwn, Is503WhenTooMuchIsInFlight) {
    Stack stack;
    stack.start("gateway", {{"MAX_BODY_BYTES", "1MiB"}, {"MAX_INFLIGHT_BYTES", "1MiB"}});
    // The broker stops answering, so the first request stays in hand.
    stack.nats().freeze();
    const auto large = some_events(1'500);
    ASSERT_GT(large.size(), 600U << 10);
    std::jthread first{[&] { (void)stack.post(large); }};
    // All of it: a body counts as far as it has come.
    ASSERT_TRUE(await([&] {
        return stack.metric("gateway", "inflight_bytes") >= static_cast<double>(large.size());
    }));
    expect_problem(stack.post(large), 503);
    stack.nats().resume();
}

}  // namespace
}  // namespace events::test
