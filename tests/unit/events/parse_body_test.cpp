#include "common/events/parser.hpp"
#include "common/events/time.hpp"
#include "edit.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <deque>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kByteOrderMark = "\xEF\xBB\xBF";

class ParseBody : public ::testing::Test {
  protected:
    Expected<ParsedBody, MalformedBody> parse(const std::string& body,
                                              BodyFormat format = BodyFormat::json) {
        const auto& kept = bodies_.emplace_back(body);
        return parser_.parse_body(kept.view(), format,
                                  {.latest = parse_timestamp("2026-03-02T00:00:00Z")});
    }

    /// One line an event, e.g. "facebook" or "2 missing_field data.user facebook fb-1".
    std::vector<std::string> outcome(const std::string& body,
                                     BodyFormat format = BodyFormat::json) {
        const auto parsed = parse(body, format);
        if (!parsed) return {"malformed: " + parsed.error().message};
        std::vector<std::string> lines;
        for (const auto& event : parsed->accepted) lines.emplace_back(event.source.name());
        for (const auto& event : parsed->rejected) {
            lines.push_back(std::to_string(event.index) + " " +
                            std::string{to_string(event.why.code)} + " " + event.why.path + " " +
                            (event.source ? std::string{event.source->name()} : "none") + " " +
                            event.why.event_id.value_or("none"));
        }
        return lines;
    }

    std::string malformed(const std::string& body, BodyFormat format = BodyFormat::json) {
        const auto parsed = parse(body, format);
        return parsed ? "parsed" : parsed.error().message;
    }

    Parser parser_;
    std::deque<test::Exact> bodies_;
    const std::string facebook_ = test::facebook_top("fb-1");
    const std::string tiktok_ = test::tiktok_bottom("ttk-1");
    const std::string bad_ = test::with(test::facebook_top("fb-2"), "data.user.age", "151");
};

TEST_F(ParseBody, ReadsAnArrayOfEvents) {
    EXPECT_THAT(outcome("[" + facebook_ + "," + tiktok_ + "]"), ElementsAre("facebook", "tiktok"));
}

TEST_F(ParseBody, ReadsALoneEvent) {
    EXPECT_THAT(outcome(facebook_), ElementsAre("facebook"));
    EXPECT_THAT(outcome(" \n" + tiktok_ + "\r\n"), ElementsAre("tiktok"));
}

TEST_F(ParseBody, RejectsALoneInvalidEventByItself) {
    EXPECT_THAT(outcome(bad_), ElementsAre("0 out_of_range data.user.age facebook fb-2"));
    EXPECT_THAT(outcome("{}"), ElementsAre("0 missing_field eventId none none"));
}

TEST_F(ParseBody, ReadsAnEmptyArrayAsNoEvents) {
    EXPECT_THAT(outcome("[]"), IsEmpty());
    EXPECT_THAT(outcome(" [\n] "), IsEmpty());
}

TEST_F(ParseBody, GivesEachEventsBytesAsTheyWereSent) {
    const auto pretty = nlohmann::ordered_json::parse(tiktok_).dump(2);
    const auto odd = "{ \"extra\" :\t\"\\u00e9 ]},{[\" ," + facebook_.substr(1);
    const auto parsed = parse("\n[ " + facebook_ + " ,\n\t" + pretty + "  ,7 , " + bad_ + "\n," +
                              odd + "\r\n ] \n");
    ASSERT_TRUE(parsed);
    ASSERT_THAT(parsed->accepted, SizeIs(3));
    EXPECT_EQ(parsed->accepted[0].json, facebook_);
    EXPECT_EQ(parsed->accepted[1].json, pretty);
    EXPECT_EQ(parsed->accepted[2].json, odd);
    ASSERT_THAT(parsed->rejected, SizeIs(2));
    EXPECT_EQ(parsed->rejected[0].json, "7");
    EXPECT_EQ(parsed->rejected[1].json, bad_);
}

TEST_F(ParseBody, RejectsInvalidEventsAloneWithTheirPlace) {
    const auto future = test::tiktok_top("ttk-9", "2026-03-02T00:00:00.000001Z");
    EXPECT_THAT(
        outcome("[" + bad_ + "," + facebook_ + ",null,[]," + future + "," + tiktok_ + ",\"x\"]"),
        ElementsAre("facebook", "tiktok", "0 out_of_range data.user.age facebook fb-2",
                    "2 not_an_object  none none", "3 not_an_object  none none",
                    "4 in_the_future timestamp tiktok ttk-9", "6 not_an_object  none none"));
}

TEST_F(ParseBody, RejectsWhatTheReferencePublisherCorrupts) {
    const auto bad = [&](const std::string& event) {
        return outcome("[" + facebook_ + "," + event + "]");
    };
    const auto f = test::facebook_top("fb-7");
    const auto t = test::tiktok_top("ttk-7");
    EXPECT_THAT(bad(test::with(f, "timestamp", "\"not-a-date\"")),
                ElementsAre("facebook", "1 malformed_value timestamp facebook fb-7"));
    EXPECT_THAT(bad(test::without(f, "eventId")),
                ElementsAre("facebook", "1 missing_field eventId facebook none"));
    EXPECT_THAT(bad(test::without(f, "data.user.name")),
                ElementsAre("facebook", "1 missing_field data.user.name facebook fb-7"));
    EXPECT_THAT(bad(test::without(t, "data.user")),
                ElementsAre("facebook", "1 missing_field data.user tiktok ttk-7"));
    EXPECT_THAT(bad(test::with(t, "funnelStage", "\"middle\"")),
                ElementsAre("facebook", "1 unknown_value funnelStage tiktok ttk-7"));
    EXPECT_THAT(bad(test::with(f, "eventType", R"(["ad.view","ad.click"])")),
                ElementsAre("facebook", "1 wrong_type eventType facebook fb-7"));
    EXPECT_THAT(bad(test::with(t, "data.engagement.watchTime", "\"long\"")),
                ElementsAre("facebook", "1 wrong_type data.engagement.watchTime tiktok ttk-7"));
    EXPECT_THAT(bad(test::with(f, "data.user.gender", "\"unknown\"")),
                ElementsAre("facebook", "1 unknown_value data.user.gender facebook fb-7"));
    EXPECT_THAT(bad(test::with(t, "data.user.followers", "\"many\"")),
                ElementsAre("facebook", "1 wrong_type data.user.followers tiktok ttk-7"));
    EXPECT_THAT(bad(test::with(t, "data.extra", "1")), ElementsAre("facebook", "tiktok"));
}

struct BrokenElement {
    std::string name;
    std::string json;
    std::string verdict;
};

void PrintTo(const BrokenElement& row, std::ostream* out) {
    *out << row.name;
}

class ParseBodyWithABrokenElement : public ParseBody,
                                    public ::testing::WithParamInterface<BrokenElement> {};

TEST_P(ParseBodyWithABrokenElement, KeepsTheOthers) {
    const auto& [name, broken, verdict] = GetParam();
    EXPECT_THAT(outcome("[" + broken + "," + facebook_ + "]"),
                ElementsAre("facebook", "0 " + verdict));
    EXPECT_THAT(outcome("[" + facebook_ + ", " + broken + " ," + tiktok_ + "," + bad_ + "]"),
                ElementsAre("facebook", "tiktok", "1 " + verdict,
                            "3 out_of_range data.user.age facebook fb-2"));
    const auto parsed = parse("[" + facebook_ + "," + broken + "]");
    ASSERT_TRUE(parsed);
    ASSERT_THAT(parsed->rejected, SizeIs(1));
    EXPECT_EQ(parsed->rejected[0].json, broken);
    EXPECT_EQ(parsed->accepted[0].json, facebook_);
}

TEST_P(ParseBodyWithABrokenElement, KeepsTheOtherLines) {
    const auto& [name, broken, verdict] = GetParam();
    EXPECT_THAT(outcome(facebook_ + "\n" + broken + "\n" + tiktok_, BodyFormat::ndjson),
                ElementsAre("facebook", "tiktok", "1 " + verdict));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseBodyWithABrokenElement,
    ::testing::Values(
        BrokenElement{"BadUtf8", "{\"eventId\":\"\xff\"}", "malformed_json  none none"},
        BrokenElement{"BadUtf8InAUsedField", test::facebook_top("\xc3\x28"),
                      "malformed_json  none none"},
        BrokenElement{"RawControlCharacter", "{\"eventId\":\"a\tb\"}", "malformed_json  none none"},
        BrokenElement{"BadEscape", R"({"eventId":"\x"})", "malformed_json  none none"},
        BrokenElement{"MissingColon", R"({"eventId" "x"})", "malformed_json  none none"},
        BrokenElement{"TrailingComma", R"({"eventId":"x",})", "malformed_json  none x"},
        BrokenElement{"BadLiteral", R"({"source":"tiktok","a":nope})",
                      "malformed_json  tiktok none"},
        BrokenElement{"BareWord", "undefined", "malformed_json  none none"},
        BrokenElement{"SingleQuotes", "{'a':1}", "malformed_json  none none"},
        BrokenElement{
            "TooDeep",
            R"({"eventId":"x","a":)" + test::repeated("[", 50) + test::repeated("]", 50) + "}",
            "too_deep  none x"},
        BrokenElement{"DeepBomb", test::repeated("[", 300'000) + test::repeated("]", 300'000),
                      "too_deep  none none"}),
    [](const auto& row) { return row.param.name; });

struct MalformedCase {
    std::string name;
    std::string body;
    std::string message;  ///< a part of it
};

void PrintTo(const MalformedCase& row, std::ostream* out) {
    *out << row.name;
}

class MalformedJsonBody : public ParseBody, public ::testing::WithParamInterface<MalformedCase> {};

TEST_P(MalformedJsonBody, HoldsNoEventsAtAllAndSaysWhereItBreaks) {
    EXPECT_THAT(malformed(GetParam().body), HasSubstr(GetParam().message));
}

const std::string kEvent = test::facebook_top("fb-1");  // of 341 bytes or so

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedJsonBody,
    ::testing::Values(
        MalformedCase{"Empty", "", "empty"}, MalformedCase{"WhiteSpace", " \r\n\t ", "empty"},
        MalformedCase{"MarkOnly", "\xEF\xBB\xBF", "empty"},
        MalformedCase{"Words", "hello", "must be a JSON array of events, or one event"},
        MalformedCase{"Number", "12", "must be"}, MalformedCase{"Text", "\"x\"", "must be"},
        MalformedCase{"Null", "null", "must be"}, MalformedCase{"Form", "a=1&b=2", "must be"},
        MalformedCase{"NotClosed", "[" + kEvent,
                      "at byte " + std::to_string(kEvent.size() + 1) + ": the array is not closed"},
        MalformedCase{"NotClosedObject", "[{\"a\":1", "at byte 7: the text ends inside a value"},
        MalformedCase{"OnlyOpen", "[", "at byte 1"}, MalformedCase{"OnlyClosed", "]", "must be"},
        MalformedCase{
            "MissingComma", "[" + kEvent + " " + kEvent + "]",
            "at byte " + std::to_string(kEvent.size() + 2) + ": ',' or ']' should stand here"},
        MalformedCase{
            "TrailingComma", "[" + kEvent + ",]",
            "at byte " + std::to_string(kEvent.size() + 2) + ": a value should stand here"},
        MalformedCase{"TwoCommas", "[" + kEvent + ",," + kEvent + "]", "a value should stand here"},
        MalformedCase{"Behind", "[" + kEvent + "]x", "nothing may stand behind the array"},
        MalformedCase{"TwoArrays", "[" + kEvent + "][]", "nothing may stand behind the array"},
        MalformedCase{"WrongBracket", "[{\"a\":[1}]", "at byte 8: this bracket closes none"},
        MalformedCase{"OpenString", "[{\"a\":\"b}]", "at byte 6: a string is not closed"},
        MalformedCase{"OffsetsCountTheMark", "\xEF\xBB\xBF [1,,2]", "at byte 7"},
        MalformedCase{"NoElementIsJson", "[nope,{'a':1}]",
                      "Nothing in the body is JSON; at byte 1: The event is not JSON at byte 0"},
        MalformedCase{"LoneEventIsNotJson", "{\"a\":tru}",
                      "Nothing in the body is JSON; at byte 0: The event is not JSON at byte 5"},
        MalformedCase{"LoneEventNotClosed", "{\"a\":1", "at byte 6: the text ends inside a value"},
        MalformedCase{"LoneEventNotUtf8", "{\"a\":\"\xff\"}", "it is not valid UTF-8"},
        MalformedCase{"LinesSentAsJson", kEvent + "\n" + kEvent, "application/x-ndjson"},
        MalformedCase{"Bomb", test::repeated("[", 1'000'000), "at byte 1000000"},
        MalformedCase{"ObjectBomb", test::repeated("{\"a\":", 200'000), "at byte 1000000"}),
    [](const auto& row) { return row.param.name; });

TEST_F(ParseBody, SkipsAByteOrderMarkAtTheStartOnly) {
    EXPECT_THAT(outcome(kByteOrderMark + "[" + facebook_ + "]"), ElementsAre("facebook"));
    EXPECT_THAT(outcome(kByteOrderMark + facebook_ + "\n" + tiktok_, BodyFormat::ndjson),
                ElementsAre("facebook", "tiktok"));
    EXPECT_THAT(outcome("[" + facebook_ + "," + kByteOrderMark + tiktok_ + "]"),
                ElementsAre(HasSubstr("malformed: ")));
}

TEST_F(ParseBody, RejectsALoneEventThatIsTooDeep) {
    EXPECT_THAT(outcome(R"({"a":)" + test::repeated("[", 99) + test::repeated("]", 99) + "}"),
                ElementsAre("0 too_deep  none none"));
}

TEST_F(ParseBody, CountsTheDepthOfAnEventFromTheEventItself) {
    constexpr std::size_t kMax = kMaxDepth;
    const auto deepest =
        test::with(facebook_, "a", test::repeated("[", kMax - 1) + test::repeated("]", kMax - 1));
    EXPECT_THAT(outcome(deepest), ElementsAre("facebook"));
    EXPECT_THAT(outcome("[" + deepest + "]"), ElementsAre("facebook"));
    EXPECT_THAT(outcome(deepest, BodyFormat::ndjson), ElementsAre("facebook"));
}

TEST_F(ParseBody, RejectsEventsThatFitNoMessage) {
    const auto large = test::with(facebook_, "a", '"' + test::repeated("x", kMaxEventBytes) + '"');
    EXPECT_THAT(outcome("[" + large + "," + tiktok_ + "]"),
                ElementsAre("tiktok", "0 too_large  facebook fb-1"));
}

TEST_F(ParseBody, RefusesMoreElementsThanItsBound) {
    const auto of = [](std::size_t count) { return "[1" + test::repeated(",1", count - 1) + "]"; };
    EXPECT_THAT(outcome(of(kMaxEventsPerBody)), SizeIs(kMaxEventsPerBody));
    const auto message = "The body has more than 250000 elements";
    EXPECT_EQ(malformed(of(kMaxEventsPerBody + 1)), message);
    EXPECT_EQ(malformed("[\"\xff\"," + of(kMaxEventsPerBody).substr(1)), message);  // the slow path
    EXPECT_EQ(malformed(test::repeated("1\n", kMaxEventsPerBody + 1), BodyFormat::ndjson), message);
}

TEST_F(ParseBody, ReadsNdjsonLineByLine) {
    EXPECT_THAT(outcome(facebook_ + "\n" + tiktok_ + "\n", BodyFormat::ndjson),
                ElementsAre("facebook", "tiktok"));
    EXPECT_THAT(outcome(facebook_, BodyFormat::ndjson), ElementsAre("facebook"));
}

TEST_F(ParseBody, SkipsBlankLinesAndCarriageReturnsWithoutCountingThem) {
    EXPECT_THAT(outcome("\r\n\n" + facebook_ + "\r\n \t\r\n\n" + bad_ + "\r\n\r\n" + tiktok_ + "\r",
                        BodyFormat::ndjson),
                ElementsAre("facebook", "tiktok", "1 out_of_range data.user.age facebook fb-2"));
    const auto parsed = parse(facebook_ + "\r\n" + tiktok_ + "\r\n", BodyFormat::ndjson);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->accepted[0].json, facebook_);
    EXPECT_EQ(parsed->accepted[1].json, tiktok_);
}

TEST_F(ParseBody, RejectsLinesThatAreNoEvents) {
    EXPECT_THAT(outcome(facebook_ + "\nnope\n[]\n{\"a\":\n" + facebook_ + tiktok_ + "\n" + tiktok_,
                        BodyFormat::ndjson),
                ElementsAre("facebook", "tiktok", "1 malformed_json  none none",
                            "2 not_an_object  none none", "3 malformed_json  none none",
                            "4 malformed_json  facebook fb-1"));
}

TEST_F(ParseBody, TakesAnEventOverSeveralLinesForSeveralBrokenOnes) {
    const auto pretty = nlohmann::ordered_json::parse(facebook_).dump(2);
    EXPECT_THAT(malformed(pretty, BodyFormat::ndjson), HasSubstr("Nothing in the body is JSON"));
}

TEST_F(ParseBody, RefusesNdjsonWithoutAnyJson) {
    EXPECT_THAT(malformed("", BodyFormat::ndjson), HasSubstr("empty"));
    EXPECT_THAT(malformed("\n \r\n\n", BodyFormat::ndjson), HasSubstr("empty"));
    EXPECT_THAT(malformed("hello\nworld\n", BodyFormat::ndjson),
                HasSubstr("Nothing in the body is JSON; at byte 0"));
}

TEST_F(ParseBody, AgreesWithItsSlowPathWhicheverEventsAMixedBodyHolds) {
    // A body whose last element is broken is read one by one; the others must come out the same.
    std::mt19937 random{1};
    const std::vector<std::string> pool{
        facebook_,
        tiktok_,
        bad_,
        test::facebook_bottom("fb-3"),
        test::tiktok_top("ttk-4"),
        "null",
        "[1]",
        "{}",
        test::with(facebook_, "data.user.name", R"("\u00e9]},{[\"")"),
        nlohmann::json::parse(tiktok_).dump(3)};
    for (int round = 0; round < 200; ++round) {
        std::string list;
        const auto count = 1 + random() % 20;
        for (std::size_t i = 0; i < count; ++i) list += pool[random() % pool.size()] + ",";
        auto fast = outcome("[" + list + "7]");
        auto slow = outcome("[" + list + "tru]");
        ASSERT_EQ(fast.back(), std::to_string(count) + " not_an_object  none none");
        ASSERT_EQ(slow.back(), std::to_string(count) + " malformed_json  none none");
        fast.pop_back();
        slow.pop_back();
        ASSERT_EQ(fast, slow) << list;
    }
}

TEST_F(ParseBody, SurvivesAnyDamageAndNeverInventsAnEvent) {
    std::mt19937_64 random{3};
    const std::string good = "[" + facebook_ + ",\n" + bad_ + " ," + tiktok_ + "]";
    constexpr std::string_view kBytes = "{}[]:,\"\\ \n01ae\x01\xff";
    for (int i = 0; i < 20'000; ++i) {
        auto body = good;
        for (auto n = 1 + random() % 4; n > 0; --n) {
            const auto place = random() % body.size();
            if (random() % 2 == 0) {
                body[place] = kBytes[random() % kBytes.size()];
            } else {
                body.erase(place, 1 + random() % 3);
            }
        }
        const test::Exact exact{body};
        const auto parsed = parser_.parse_body(exact.view(), BodyFormat::json,
                                               {.latest = parse_timestamp("2026-03-02T00:00:00Z")});
        if (!parsed) continue;
        for (const auto& event : parsed->accepted) {
            ASSERT_TRUE(nlohmann::json::accept(event.json)) << body;
            TextArena arena;
            ASSERT_TRUE(Parser{}.parse_event(event.json, arena)) << body;
        }
        for (const auto& event : parsed->rejected) ASSERT_FALSE(event.json.empty()) << body;
    }
}

TEST_F(ParseBody, ReadsALargeBodyAndSmallOnesAfterIt) {
    // Larger than the buffers that a parser keeps.
    std::string body = "[";
    for (int i = 0; i < 15'000; ++i) body += facebook_ + ",";
    body += tiktok_ + "]";
    ASSERT_GT(body.size(), 4U * 1024 * 1024);
    for (int round = 0; round < 2; ++round) {
        const auto large = parse(body);
        ASSERT_TRUE(large);
        EXPECT_THAT(large->accepted, SizeIs(15'001));
        EXPECT_EQ(large->accepted.back().json, tiktok_);
        EXPECT_THAT(outcome("[" + facebook_ + "]"), ElementsAre("facebook"));
    }
}

TEST_F(ParseBody, CanBeMovedToAnotherParser) {
    Parser first;
    Parser second{std::move(first)};
    parser_ = std::move(second);
    EXPECT_THAT(outcome("[" + facebook_ + "]"), ElementsAre("facebook"));
}

TEST_F(ParseBody, TellsAHundredProblemsAndOfEachFurtherEventTheFirst) {
    constexpr std::size_t kEvents = 40;
    std::string body = "[{}";
    for (std::size_t i = 1; i < kEvents; ++i) body += ",{}";
    const auto parsed = parse(body + "]");
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->rejected.size(), kEvents);
    std::size_t told = 0;
    for (const auto& [index, json, why, source] : parsed->rejected) {
        EXPECT_EQ(why.path, "eventId");
        EXPECT_EQ(1 + why.more.size() + why.left_out, 6U) << "each problem is told or counted";
        // The seventeenth would be the hundred and second.
        EXPECT_EQ(why.more.size(), index < 16 ? 5U : index == 16 ? 3U : 0U) << index;
        told += 1 + why.more.size();
    }
    EXPECT_EQ(told, kMaxProblemsOfBody + kEvents - 17);
}

}  // namespace
}  // namespace events
