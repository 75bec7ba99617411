#include "publisher/corruption.hpp"

#include "common/events/parser.hpp"
#include "parsed.hpp"
#include "publisher/event_writer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace events::publisher {
namespace {

/// An event's JSON with the bytes behind it that the parser may read.
struct WrittenEvent {
    std::string json;
    std::size_t size;

    [[nodiscard]] std::string_view text() const { return std::string_view{json}.substr(0, size); }
};

WrittenEvent write(const EventType& type, std::optional<Corruption> corruption, Random& random) {
    WrittenEvent event;
    const Timestamp time{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    static_cast<void>(append_event(event.json, type, time, corruption, random));
    event.size = event.json.size();
    event.json.append(kPadding, ' ');
    return event;
}

TEST(Corruption, EveryEventTypeIsValidWithoutOne) {
    Parser parser;
    Random random{1};
    for (const auto& type : event_types()) {
        for (int i = 0; i < 200; ++i) {  // until each nullable field was null and was not
            TextArena arena;
            const auto event = write(type, std::nullopt, random);
            const auto parsed = parser.parse_event(event.text(), arena);
            ASSERT_TRUE(parsed) << event.text() << ": " << parsed.error().path << ": "
                                << parsed.error().message;
            EXPECT_EQ(parsed->type, &type);
        }
    }
}

TEST(Corruption, IsRefusedWithTheExpectedCodeAndPathForEveryEventType) {
    Parser parser;
    Random random{2};
    for (const auto& type : event_types()) {
        for (const auto corruption : kCorruptions) {
            const auto expected = expected_rejection(corruption, type);
            EXPECT_EQ(expected.has_value(), makes_invalid(corruption));
            TextArena arena;
            const auto event = write(type, corruption, random);
            const auto parsed = parser.parse_event(event.text(), arena);
            ASSERT_EQ(parsed.has_value(), !expected.has_value()) << event.text();
            if (!expected) continue;
            EXPECT_EQ(to_string(parsed.error().code), to_string(expected->code)) << event.text();
            EXPECT_EQ(parsed.error().path, expected->path) << event.text();
        }
    }
}

TEST(Corruption, AnUnknownFieldIsInTheEventAndLeavesItValid) {
    Parser parser;
    Random random{3};
    TextArena arena;
    const auto event = write(event_types().front(), Corruption::unknown_field, random);
    EXPECT_NE(event.text().find("unknownField"), std::string_view::npos);
    EXPECT_TRUE(parser.parse_event(event.text(), arena));
}

TEST(AppendEvent, TellsTheRevenueThatTheEventCarries) {
    Parser parser;
    Random random{4};
    int amounts_without_revenue = 0;
    for (const auto& type : event_types()) {
        for (int i = 0; i < 500; ++i) {
            std::string json;
            const auto told = append_event(json, type, Timestamp{}, std::nullopt, random);
            const auto size = json.size();
            json.append(kPadding, ' ');
            TextArena arena;
            const auto event = parser.parse_event(std::string_view{json}.substr(0, size), arena);
            ASSERT_TRUE(event);
            const auto amount = purchase_amount_of(*event);
            if (!type.has_revenue) {
                EXPECT_FALSE(told) << json;
                if (amount) ++amounts_without_revenue;
                continue;
            }
            ASSERT_EQ(told.has_value(), amount.has_value()) << json;
            if (told) {
                EXPECT_EQ(format_amount(*told), *amount) << json;
            }
        }
    }
    EXPECT_GT(amounts_without_revenue, 0);  // an amount that reports must not count
}

}  // namespace
}  // namespace events::publisher
