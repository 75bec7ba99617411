#include "common/events/message_encoding.hpp"

#include "common/events/parser.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace events {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

std::vector<std::string> lines_of(std::string_view payload) {
    std::vector<std::string> lines;
    for_each_line(payload, [&](std::string_view line) { lines.emplace_back(line); });
    return lines;
}

TEST(MessageEncoding, MakesAMessageOfOneEventExactlyThatEvent) {
    const auto event = test::facebook_top("fb-1");
    std::string payload;
    append_line(payload, event);
    EXPECT_EQ(payload, event);
    EXPECT_THAT(lines_of(payload), ElementsAre(event));
}

TEST(MessageEncoding, PutsALineBreakBetweenEventsOnly) {
    std::string payload;
    append_line(payload, R"({"a":1})");
    append_line(payload, R"({"b":2})");
    EXPECT_EQ(payload, "{\"a\":1}\n{\"b\":2}");
}

TEST(MessageEncoding, RemovesLineBreaksBetweenTokensAndKeepsTheRest) {
    std::string payload;
    append_line(payload, "{\r\n\t\"a\": \"x\\ny\",\n\n \"b\": 2\r}\n");
    EXPECT_EQ(payload, "{\t\"a\": \"x\\ny\", \"b\": 2}");
}

TEST(MessageEncoding, GivesBackEveryEventInItsOrder) {
    std::string payload;
    std::vector<std::string> compact;
    for (int i = 0; i < 100; ++i) {
        const auto event = test::tiktok_bottom("ttk-" + std::to_string(i));
        compact.push_back(event);
        append_line(payload, i % 2 == 0 ? event : "\n" + event + "\r\n");
    }
    EXPECT_THAT(lines_of(payload), ElementsAreArray(compact));
}

TEST(MessageEncoding, KeepsAnEventThatWasPrettyPrintedTheSameEvent) {
    const auto event = test::facebook_bottom("fb-1");
    std::string payload;
    append_line(payload, nlohmann::ordered_json::parse(event).dump(4));
    ASSERT_EQ(payload.find('\n'), std::string::npos);
    EXPECT_EQ(nlohmann::ordered_json::parse(payload).dump(), event);
}

TEST(MessageEncoding, SkipsEmptyLines) {
    EXPECT_THAT(lines_of(""), IsEmpty());
    EXPECT_THAT(lines_of("\n\n"), IsEmpty());
    EXPECT_THAT(lines_of("\na\n\nb\n"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace events
