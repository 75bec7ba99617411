#include "dlq/plan.hpp"

#include "common/events/time.hpp"
#include "common/nats/topology.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace events::dlq {
namespace {

using ::testing::HasSubstr;

const Timestamp kLatest = parse_timestamp("2026-03-02T12:00:00Z").value();

Letter letter(std::string raw, std::string code = "missing_field") {
    Letter letter;
    letter.sequence = 7;
    letter.subject = "dead.gateway";
    letter.failed_at = parse_timestamp("2026-03-01T12:00:00.000001Z").value();
    letter.code = std::move(code);
    letter.correlation_id = "c-1";
    letter.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    letter.raw = std::move(raw);
    return letter;
}

Plan plan(const Letter& letter) {
    return Planner{}.plan(letter, {.latest = kLatest});
}

std::map<std::string, std::string> headers_of(const Message& message) {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : message.headers) map.emplace(name, value);
    return map;
}

const std::string kFacebook = test::facebook_top("fb-1");
const std::string kTikTok = test::tiktok_top("ttk-1");

TEST(ReplayPlan, PublishesAValidEventAsTheGatewayWould) {
    const auto valid = letter("{\n" + kFacebook.substr(1));
    const auto made = plan(valid);
    EXPECT_EQ(made.verdict, Verdict::replayable);
    const auto messages = messages_of(valid, made);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_STREQ(messages[0].subject, "events.facebook");
    EXPECT_EQ(messages[0].payload, kFacebook) << "one line";
    const auto headers = headers_of(messages[0]);
    EXPECT_EQ(headers.at("X-Correlation-Id"), "c-1");
    EXPECT_EQ(headers.at("traceparent"), valid.traceparent);
    EXPECT_EQ(headers.at("X-Event-Count"), "1");
    EXPECT_EQ(headers.at("X-Received-At"), "2026-03-01T12:00:00.000001Z");
    EXPECT_EQ(headers.at("Nats-Msg-Id").size(), 32U);
}

TEST(ReplayPlan, KeepsTheTimeOfReceptionWhereItIsKnown) {
    auto valid = letter(kFacebook, "refused_by_database");
    valid.received_at = parse_timestamp("2026-02-01T00:00:00Z");
    const auto messages = messages_of(valid, plan(valid));
    EXPECT_EQ(headers_of(messages.at(0)).at("X-Received-At"), "2026-02-01T00:00:00.000000Z");
}

TEST(ReplayPlan, HasAnIdOfTheLetterAndNotOnlyOfTheEvent) {
    // A collector that refuses a replayed event writes a new letter. Replayed within JetStream's
    // window of duplicates, by the event's id alone, it would count as stored and be deleted.
    const auto first = letter(kFacebook);
    auto second = first;
    second.sequence = 8;
    const auto id = [](const Letter& of) {
        return headers_of(messages_of(of, plan(of)).at(0)).at("Nats-Msg-Id");
    };
    EXPECT_EQ(id(first), id(first));
    EXPECT_NE(id(first), id(second));
}

TEST(ReplayPlan, RoutesByTheEventAndNotByTheLetter) {
    auto astray = letter(kTikTok, "unknown_value");
    astray.subject = "dead.facebook";
    EXPECT_STREQ(messages_of(astray, plan(astray)).at(0).subject, "events.tiktok");
}

TEST(ReplayPlan, LeavesWhatIsStillInvalid) {
    const auto made = plan(letter(R"({"eventId":"fb-1"})"));
    EXPECT_EQ(made.verdict, Verdict::still_invalid);
    EXPECT_EQ(made.why.path, "timestamp");
    EXPECT_TRUE(made.events.empty());
    EXPECT_EQ(plan(letter(test::facebook_top("fb-1", "2026-03-02T12:00:00.1Z"))).why.code,
              RejectionCode::in_the_future);
    EXPECT_EQ(plan(letter("[" + kFacebook + "]")).verdict, Verdict::still_invalid)
        << "an event, not a body";
    EXPECT_EQ(plan(letter("")).verdict, Verdict::still_invalid);
}

TEST(ReplayPlan, LeavesWhatWasCutEvenIfItIsJson) {
    auto cut = letter(kFacebook + "\n" + kFacebook, "malformed_body");
    cut.original_bytes = 300'000;
    EXPECT_EQ(plan(cut).verdict, Verdict::cut);
}

TEST(ReplayPlan, TakesABodyApartAsTheGatewayDoes) {
    const auto body =
        letter("[" + kFacebook + R"(,{"eventId":"x"},)" + kTikTok + ",12]", "malformed_body");
    const auto made = plan(body);
    EXPECT_EQ(made.verdict, Verdict::replayable);
    const auto messages = messages_of(body, made);
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(messages[0].payload, kFacebook);
    EXPECT_EQ(messages[1].payload, kTikTok);
    EXPECT_STREQ(messages[2].subject, "dead.gateway");
    EXPECT_EQ(messages[2].payload, R"({"eventId":"x"})");
    EXPECT_EQ(headers_of(messages[2]).at("X-Reason-Code"), "missing_field");
    EXPECT_EQ(headers_of(messages[2]).at("X-Path"), "timestamp");
    EXPECT_EQ(headers_of(messages[2]).at("X-Correlation-Id"), "c-1");
    EXPECT_EQ(headers_of(messages[2]).at("X-Failed-At"), "2026-03-01T12:00:00.000001Z");
    EXPECT_EQ(messages[3].payload, "12");
    EXPECT_NE(headers_of(messages[2]).at("Nats-Msg-Id"), headers_of(messages[3]).at("Nats-Msg-Id"));
}

TEST(ReplayPlan, ReadsLinesOfObjectsAsNdjson) {
    const auto made =
        plan(letter(kFacebook + "\n" + kTikTok + "\n{\"eventId\":\"x\"}\n", "malformed_body"));
    EXPECT_EQ(made.verdict, Verdict::replayable);
    EXPECT_EQ(made.events.size(), 2U);
    EXPECT_EQ(made.leftovers.size(), 1U);
}

TEST(ReplayPlan, LeavesABodyWholeWhereItIsNotOne) {
    // The array's end is missing. Its last line is an event by itself; but read by lines, the body
    // would fall into pieces that nobody puts together again.
    const auto body = "[\n" + kFacebook + ",\n" + kFacebook;
    EXPECT_EQ(plan(letter(body, "malformed_body")).verdict, Verdict::still_invalid);
    EXPECT_EQ(plan(letter("[]", "malformed_body")).verdict, Verdict::still_invalid);
    EXPECT_EQ(plan(letter("", "malformed_body")).verdict, Verdict::still_invalid);
    const auto none = plan(letter(R"([{"eventId":"x"}])", "malformed_body"));
    EXPECT_EQ(none.verdict, Verdict::still_invalid);
    EXPECT_EQ(none.why.code, RejectionCode::missing_field);
}

TEST(ReplayPlan, CutsNothingInALetterThatItMakes) {
    const auto large = R"({"eventId":")" + std::string(nats::kMaxMessageBytes, 'x') + "\"}";
    const auto made = plan(letter("[" + kFacebook + "," + large + "]", "malformed_body"));
    EXPECT_EQ(made.verdict, Verdict::still_invalid);
    EXPECT_TRUE(made.leftovers.empty());
}

}  // namespace
}  // namespace events::dlq
