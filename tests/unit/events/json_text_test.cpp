#include "common/events/json_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace events::json {
namespace {

TEST(JsonNumber, FollowsTheGrammarAndNothingElse) {
    for (const char* number : {"0", "-0", "1", "-12", "30.0", "0.5", "3e1", "3E+1", "3e-1",
                               "-0.0e0", "1e999", "123456789012345678901234567890"}) {
        EXPECT_TRUE(is_number(number)) << number;
    }
    for (const char* other : {"",     "-",  "+1",  "01",  "-01",   "00",  "1.",       ".5",
                              "1.e1", "1e", "1e+", "0x1", "1_000", "NaN", "Infinity", "-Infinity",
                              "1 ",   " 1", "1a",  "--1", "1e1.5", "true"}) {
        EXPECT_FALSE(is_number(other)) << other;
    }
}

TEST(JsonNumber, IsAnIntegerByItsValueAndNotByItsSpelling) {
    const std::vector<std::pair<std::string, std::int64_t>> integers{
        {"0", 0},
        {"-0", 0},
        {"-12", -12},
        {"30.0", 30},
        {"3e1", 30},
        {"3E+1", 30},
        {"2.5e1", 25},
        {"0.25e2", 25},
        {"-0.0e0", 0},
        {"0e999999999999999999999", 0},
        {"0.000e-99999999999999999999", 0},
        {"250e-1", 25},
        {"-1.200e3", -1200},
        {"25." + std::string(100'000, '0'), 25},
        {"0." + std::string(300, '0') + "7e301", 7},
        {"7" + std::string(300, '0') + "e-300", 7},
        {"9223372036854775807", 9'223'372'036'854'775'807},
        {"9223372036854775807.0", 9'223'372'036'854'775'807},
        {"922337203685477580.7e1", 9'223'372'036'854'775'807},
        {"-9223372036854775808e0", std::numeric_limits<std::int64_t>::min()},
    };
    for (const auto& [text, integer] : integers) {
        const auto read = read_integer(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(*read, integer) << text;
    }
    for (const char* text : {"30.5", "3e-1", "-25.1e0", "2.55e1", "1e-99999999999999999999", "0.1",
                             "12345678901234567890.5"}) {
        const auto read = read_integer(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), NoInteger::fraction) << text;
    }
    for (const char* text :
         {"9223372036854775808", "-9223372036854775809", "9223372036854775808.0", "1e19", "1e400",
          "9.3e18", "123456789012345678901234567890", "1e99999999999999999999"}) {
        const auto read = read_integer(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error(), NoInteger::too_large) << text;
    }
}

TEST(JsonEscapes, AreTheNineOfTheGrammar) {
    for (const char* content : {"", "plain", R"(\"\\\/\b\f\n\r\t)", R"(\u0041)", R"(\uABCD\uabcd)",
                                R"(\uD800)", R"(x\\y)"}) {
        EXPECT_TRUE(has_valid_escapes(content)) << content;
    }
    for (const char* content : {R"(\x41)", R"(\')", R"(\0)", R"(\U0041)", R"(\u)", R"(\u004)",
                                R"(\u00g1)", R"(\u+041)", R"(\u 041)", R"(ok\n\q)", "\\"}) {
        EXPECT_FALSE(has_valid_escapes(content)) << content;
    }
}

TEST(JsonUnescape, GivesTheTextAsUtf8) {
    EXPECT_EQ(unescape("plain"), "plain");
    EXPECT_EQ(unescape(R"(a\"b\\c\/d\be\ff\ng\rh\ti)"), "a\"b\\c/d\be\ff\ng\rh\ti");
    EXPECT_EQ(unescape(R"(\u0041\u00e9\u20AC)"), "A\u00e9\u20ac");
    EXPECT_EQ(unescape(R"(\ud83d\ude00!)"), "\U0001F600!");
    EXPECT_EQ(unescape(R"(\u0000)"), std::string(1, '\0'));
    EXPECT_EQ(unescape(R"(\\u0041)"), "\\u0041");
}

TEST(JsonUnescape, HasNoTextForALoneSurrogate) {
    for (const char* content : {R"(\ud83d)", R"(\ude00)", R"(\ud83dx)", R"(\ud83d\n)",
                                R"(\ud83d\u0041)", R"(\ud83d\ud83d\ude00)", R"(\ude00\ud83d)"}) {
        EXPECT_EQ(unescape(content), std::nullopt) << content;
    }
}

TEST(JsonUnescape, AgreesWithAnotherParserOnEveryCharacter) {
    for (char32_t code = 1; code < 0x10FFFF; code += code < 0x3000 ? 1 : 251) {
        if (code >= 0xD800 && code < 0xE000) continue;
        std::string escaped;
        const auto append_unit = [&](unsigned unit) { escaped += fmt::format("\\u{:04x}", unit); };
        if (code < 0x10000) {
            append_unit(code);
        } else {
            append_unit(0xD800 + ((code - 0x10000) >> 10));
            append_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
        }
        const auto expected = nlohmann::json::parse('"' + escaped + '"').get<std::string>();
        ASSERT_EQ(unescape(escaped), expected) << escaped;
    }
}

TEST(FirstCharacters, CountsCodePointsAndCutsBetweenThem) {
    EXPECT_EQ(first_characters("", 3), "");
    EXPECT_EQ(first_characters("abc", 3), "abc");
    EXPECT_EQ(first_characters("abcd", 3), "abc");
    EXPECT_EQ(first_characters("\u00e9\u20ac\U0001F600x", 3), "\u00e9\u20ac\U0001F600");
    EXPECT_EQ(first_characters("\u00e9\u00e9", 1), "\u00e9");
    EXPECT_EQ(first_characters("abc", 0), "");
}

TEST(Trim, RemovesJsonWhiteSpaceOnly) {
    EXPECT_EQ(trim(" \t\r\n{ } \n"), "{ }");
    EXPECT_EQ(trim("\f{}\v"), "\f{}\v");
    EXPECT_EQ(trim(" \n"), "");
}

}  // namespace
}  // namespace events::json
