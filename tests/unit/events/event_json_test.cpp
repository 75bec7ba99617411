// What is JSON and what is not, wherever it stands in an event. The judge is a second parser.

#include "common/events/parser.hpp"
#include "edit.hpp"
#include "support/sample_events.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace events {
namespace {

RejectionCode code_of(std::string_view text) {
    const test::Exact json{text};
    TextArena arena;
    const auto event = Parser{}.parse_event(json.view(), arena);
    return event ? RejectionCode::refused_by_database : event.error().code;
}

bool is_valid(std::string_view text) {
    const test::Exact json{text};
    TextArena arena;
    return Parser{}.parse_event(json.view(), arena).has_value();
}

TEST(EventJson, IsRefusedAsAWholeWhereItIsNone) {
    for (const char* text : {"",
                             " ",
                             "{",
                             "}",
                             "[",
                             "]",
                             "nope",
                             "{}}",
                             "{} {}",
                             "{},",
                             "{}x",
                             "[1,2",
                             "\"open",
                             "'x'",
                             "{'a':1}",
                             "{a:1}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{,}",
                             "{\"a\" 1}",
                             "{\"a\":1 \"b\":2}",
                             "{\"a\":1;\"b\":2}",
                             "{1:2}",
                             "{\"a\":1}//",
                             "/**/{}",
                             "{\"a\":[1,]}",
                             "{\"a\":[,1]}",
                             "{\"a\":[1 2]}",
                             "{\"a\":[1,,2]}",
                             "{\"a\":[}",
                             "{\"a\":[1}",
                             "{\"a\":{]}",
                             "{\"a\"::1}",
                             "{:1}",
                             "{null:1}",
                             "\xEF\xBB\xBF{}",
                             "{\"a\":1}\f",
                             "\f{}",
                             "{\"a\":\x1A}",
                             "{\\\"a\\\":1}",
                             "{\"a\":\"b\"c}",
                             "{\"a\":1\"b\"}",
                             "{\"a\":\"b\"\"c\"}",
                             "{\"a\":true\"x\"}"}) {
        EXPECT_EQ(code_of(text), RejectionCode::malformed_json) << text;
    }
}

TEST(EventJson, MayBeSomethingElseThanAnObject) {
    for (const char* text : {"[]", "[{}]", "1", "-1.5e3", "\"text\"", "true", "false", "null"}) {
        EXPECT_EQ(code_of(text), RejectionCode::not_an_object) << text;
    }
}

struct ValueCase {
    const char* raw;
    bool is_json;
};

TEST(EventJson, IsCheckedInFieldsThatNobodyKnows) {
    constexpr ValueCase kValues[]{{"null", true},
                                  {"true", true},
                                  {"false", true},
                                  {"0", true},
                                  {"-0", true},
                                  {"1e999", true},
                                  {"123456789012345678901234567890", true},
                                  {"-0.5E-7", true},
                                  {"\"\"", true},
                                  {"\"\\ud800\"", true},
                                  {"\"\\u0000\"", true},
                                  {"[]", true},
                                  {"{}", true},
                                  {"[1,\"a\",{\"b\":[null]}]", true},
                                  {"{\"a\":{\"a\":{}}}", true},
                                  {"[ ]", true},
                                  {"{\"\":0}", true},
                                  {"{\"\\u0061\":0}", true},
                                  {"nul", false},
                                  {"nulll", false},
                                  {"True", false},
                                  {"undefined", false},
                                  {"NaN", false},
                                  {"Infinity", false},
                                  {"-", false},
                                  {"+1", false},
                                  {"01", false},
                                  {"1.", false},
                                  {".5", false},
                                  {"1e", false},
                                  {"0x10", false},
                                  {"--1", false},
                                  {"1 2", false},
                                  {"'a'", false},
                                  {"\"\\x41\"", false},
                                  {"\"\\u12G4\"", false},
                                  {"\"\\u12\"", false},
                                  {"\"a\nb\"", false},
                                  {"\"a\tb\"", false},
                                  {"\"\x01\"", false},
                                  {"\"\xff\"", false},
                                  {"\"\xc0\x80\"", false},
                                  {"\"\xed\xa0\x80\"", false},
                                  {"\"\xf4\x90\x80\x80\"", false},
                                  {"\"\xe2\x82\"", false},
                                  {"{\"\\q\":0}", false},
                                  {"[1,]", false},
                                  {"[,]", false},
                                  {"{\"a\":1,}", false},
                                  {"{\"a\"}", false},
                                  {"{\"a\":}", false},
                                  {"{a:1}", false},
                                  {"[1}", false},
                                  {"", false},
                                  {"\xff", false},
                                  {"\xC2\xA0", false}};
    for (const auto& [raw, is_json] : kValues) {
        for (const char* place : {"unknown", "data.unknown", "data.user.unknown",
                                  "data.user.location.unknown", "data.engagement.unknown"}) {
            const auto json = test::with(test::facebook_top("fb-1"), place, raw);
            EXPECT_EQ(is_valid(json), is_json) << json;
            EXPECT_EQ(code_of(json) == RejectionCode::malformed_json, !is_json) << json;
        }
    }
}

TEST(EventJson, MayHaveWhiteSpaceBetweenAnyTokens) {
    const auto document = nlohmann::ordered_json::parse(test::facebook_bottom("fb-1"));
    EXPECT_TRUE(is_valid(document.dump(4)));
    EXPECT_TRUE(is_valid(test::replaced(document.dump(1, '\t'), "\n", "\r\n")));
    auto spaced = test::replaced(document.dump(), ",", " \t\r\n, ");
    spaced = test::replaced(spaced, "{", "{\n ");
    spaced = test::replaced(spaced, "}", " \r}");
    EXPECT_TRUE(is_valid("\n\n " + test::replaced(spaced, "\":", "\" : ") + " \n"));
}

TEST(EventJson, IsNestedToTheDeepestLevelAndNoFurther) {
    const auto nested = [](std::size_t levels, const char* open, const char* close) {
        // The event itself is the first level.
        const auto value =
            test::repeated(open, levels - 2) + "[]" + test::repeated(close, levels - 2);
        return test::with(test::facebook_top("fb-1"), "extra", value);
    };
    constexpr std::size_t kMax = kMaxDepth;
    EXPECT_TRUE(is_valid(nested(kMax, "[", "]")));
    EXPECT_TRUE(is_valid(nested(kMax, "{\"a\":", "}")));
    EXPECT_EQ(code_of(nested(kMax + 1, "[", "]")), RejectionCode::too_deep);
    EXPECT_EQ(code_of(nested(kMax + 1, "{\"a\":", "}")), RejectionCode::too_deep);
    EXPECT_EQ(code_of(nested(200'000, "[", "]")), RejectionCode::too_deep);
    EXPECT_EQ(code_of(nested(200'000, "{\"a\":", "}")), RejectionCode::too_deep);
}

TEST(EventJson, IsNotOverrunByABomb) {
    EXPECT_EQ(code_of(test::repeated("[", 1'000'000)), RejectionCode::malformed_json);
    EXPECT_EQ(code_of(test::repeated("{\"a\":", 200'000)), RejectionCode::malformed_json);
    EXPECT_EQ(code_of(test::repeated("]", 1'000'000)), RejectionCode::malformed_json);
    EXPECT_EQ(code_of(test::repeated("\"", 1'000'001)), RejectionCode::malformed_json);
    EXPECT_EQ(code_of(test::repeated("\\", 1'000'000)), RejectionCode::malformed_json);
}

TEST(EventJson, NamesTheEventEvenWhereItIsBrokenBehindTheId) {
    const test::Exact json{R"({"eventId":"fb-1","source":"facebook","data":{]})"};
    TextArena arena;
    const auto event = Parser{}.parse_event(json.view(), arena);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().event_id, "fb-1");
    EXPECT_EQ(event.error().message,
              "The event is not JSON at byte 46: a key in quotes should stand here");
}

TEST(EventJson, IsJudgedAsASecondParserDoesWhateverIsDamaged) {
    // Damage in one to three bytes; where nlohmann refuses the text, so must we, and the reverse.
    // The two differ on purpose in one thing: a lone surrogate escape, which is within the grammar.
    std::mt19937_64 random{42};
    constexpr std::string_view kBytes =
        "{}[]:,\"\\ \n\ttrufalsn0123456789.eE+-u\x01\x80\xff\xc3\xa9";
    const std::string samples[]{test::with(test::facebook_bottom("fb-1"), "extra",
                                           R"([1.5e3,{"k":[true,null]},"\u00e9\n"])"),
                                test::tiktok_top("ttk-1")};
    int refused = 0;
    for (int i = 0; i < 40'000; ++i) {
        auto text = samples[random() % 2];
        for (auto n = 1 + random() % 3; n > 0; --n) {
            const auto place = random() % text.size();
            const char byte = kBytes[random() % kBytes.size()];
            switch (random() % 3) {
                case 0:
                    text[place] = byte;
                    break;
                case 1:
                    text.insert(place, 1, byte);
                    break;
                default:
                    text.erase(place, 1);
                    break;
            }
        }
        if (text.find("\\ud") != std::string::npos || text.find("\\uD") != std::string::npos)
            continue;
        const bool is_json = nlohmann::json::accept(text);
        refused += is_json ? 0 : 1;
        ASSERT_EQ(code_of(text) != RejectionCode::malformed_json, is_json) << text;
    }
    EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace events
