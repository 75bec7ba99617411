// Lines whose tokens are found together, against the same lines by themselves.
#include "common/events/message_encoding.hpp"
#include "common/events/parser.hpp"
#include "edit.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace events {
namespace {

std::string describe(const Expected<Event, Rejection>& read) {
    if (!read) {
        const auto& why = read.error();
        return fmt::format("{} {} {} {}", to_string(why.code), why.path, why.message,
                           why.event_id.value_or("none"));
    }
    return fmt::format("{} {} {} {}", read->event_id, read->type->name,
                       read->timestamp.time_since_epoch().count(), read->user_id);
}

/// What each line that isn't empty is, read with the others and by itself, by one parser.
void expect_the_same(std::string_view text) {
    const test::Exact ndjson{text};
    TextArena arena;
    std::vector<std::string> together;
    Parser parser;
    parser.begin_lines(ndjson.view());
    for_each_line(ndjson.view(), [&](std::string_view line) {
        together.push_back(describe(parser.parse_line(line, arena)));
    });
    std::vector<std::string> alone;
    for_each_line(ndjson.view(), [&](std::string_view line) {
        const test::Exact exact{line};
        alone.push_back(describe(parser.parse_event(exact.view(), arena)));
    });
    ASSERT_EQ(together, alone) << text;
}

const std::string kOfFacebook = test::facebook_top("fb-1");
const std::string kOfTikTok = test::tiktok_bottom("ttk-1");

TEST(ParseLine, TellsOfALineWhatItIsByItself) {
    const std::vector<std::string> lines{
        kOfFacebook,
        kOfTikTok,
        "  " + kOfFacebook + " \t\r",
        " \t ",
        "\r",
        "{",
        "}",
        "\"",
        "\\",
        R"(\")",
        "nope",
        "{}{}",
        "[]",
        kOfFacebook + kOfTikTok,
        kOfFacebook + ",",
        kOfFacebook.substr(0, kOfFacebook.find("\"user\"")),
        R"({"eventId":"a\)",
        R"({"eventId":"\u00e9)",
        test::replaced(kOfFacebook, "Ada", R"(\u00e9\"Ada)"),
        test::replaced(kOfFacebook, "Ada", R"(\x)"),
        test::replaced(kOfFacebook, "Ada", "\xff"),
        test::replaced(kOfFacebook, "Ada", "\x01"),
        "\xc3",
        test::repeated("[", 40) + test::repeated("]", 40),
        test::repeated("[", 40),
    };
    for (const auto& first : lines) {
        for (const auto& second : lines) expect_the_same(first + "\n" + second + "\n" + kOfTikTok);
    }
}

TEST(ParseLine, TellsTheSameOfALongTextWhereverALineIsBroken) {
    std::mt19937 random{1};
    for (int round = 0; round < 30; ++round) {
        std::string text;  // several times as long as is tokenised at once
        for (int i = 0; i < 1'000; ++i) text += test::facebook_top(std::to_string(i)) + "\n";
        constexpr std::string_view kBytes = "{}[]:,\"\\ \n01ae\x01\xff";
        for (auto n = random() % 5; n > 0; --n) {
            text[random() % text.size()] = kBytes[random() % kBytes.size()];
        }
        if (round % 3 == 0) text.insert(random() % text.size(), 200'000, 'x');
        expect_the_same(text);
    }
}

TEST(ParseLine, SkipsLinesThatAreNotAskedFor) {
    const auto text = kOfFacebook + "\n{\"a\":\"\\\\\"}\n" + kOfTikTok;
    Parser parser;
    TextArena arena;
    parser.begin_lines(text);
    const auto event =
        parser.parse_line(std::string_view{text}.substr(text.rfind('\n') + 1), arena);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->event_id, "ttk-1");
}

TEST(ParseLine, ReadsOneTextAfterAnother) {
    Parser parser;
    TextArena arena;
    for (const auto* id : {"fb-1", "fb-2", "fb-3"}) {
        const auto text = test::facebook_top(id) + "\n" + kOfTikTok;
        parser.begin_lines(text);
        const auto event =
            parser.parse_line(std::string_view{text}.substr(0, text.find('\n')), arena);
        ASSERT_TRUE(event);
        EXPECT_EQ(event->event_id, id) << "its second line was never asked for";
    }
}

}  // namespace
}  // namespace events
