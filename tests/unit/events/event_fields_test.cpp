// Every rule of the contract's section 2, field by field, from a table that says what each of the
// four kinds of event must hold.

#include "common/events/event.hpp"
#include "common/events/parser.hpp"
#include "edit.hpp"
#include "support/sample_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace events {
namespace {

using ::testing::HasSubstr;

enum class Kind { id, text, time, one_of, integer, amount, object };

struct FieldRule {
    std::string path;
    Kind kind;
    bool nullable = false;
    std::vector<std::string> choices = {};
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

struct EventRule {
    std::string name;
    std::string json;
    std::vector<FieldRule> fields;
};

constexpr bool kNullable = true;

std::vector<FieldRule> joined(std::vector<FieldRule> a, const std::vector<FieldRule>& b,
                              const std::vector<FieldRule>& c) {
    a.insert(a.end(), b.begin(), b.end());
    a.insert(a.end(), c.begin(), c.end());
    return a;
}

std::vector<EventRule> event_rules() {
    const std::vector<FieldRule> head{
        {"eventId", Kind::id},         {"timestamp", Kind::time},        {"source", Kind::one_of},
        {"funnelStage", Kind::one_of}, {"eventType", Kind::one_of},      {"data", Kind::object},
        {"data.user", Kind::object},   {"data.engagement", Kind::object}};
    const std::vector<FieldRule> facebook_user{
        {"data.user.userId", Kind::text},
        {"data.user.name", Kind::text},
        {"data.user.age", Kind::integer, false, {}, 150},
        {"data.user.gender", Kind::one_of, false, {"male", "female", "non-binary"}},
        {"data.user.location", Kind::object},
        {"data.user.location.country", Kind::text},
        {"data.user.location.city", Kind::text}};
    const std::vector<FieldRule> tiktok_user{{"data.user.userId", Kind::text},
                                             {"data.user.username", Kind::text},
                                             {"data.user.followers", Kind::integer}};
    return {
        {"FacebookTop", test::facebook_top("fb-1"),
         joined(head, facebook_user,
                {{"data.engagement.actionTime", Kind::time},
                 {"data.engagement.referrer",
                  Kind::one_of,
                  false,
                  {"newsfeed", "marketplace", "groups"}},
                 {"data.engagement.videoId", Kind::text, kNullable}})},
        {"FacebookBottom", test::facebook_bottom("fb-2"),
         joined(head, facebook_user,
                {{"data.engagement.adId", Kind::text},
                 {"data.engagement.campaignId", Kind::text},
                 {"data.engagement.clickPosition",
                  Kind::one_of,
                  false,
                  {"top_left", "bottom_right", "center"}},
                 {"data.engagement.device", Kind::one_of, false, {"mobile", "desktop"}},
                 {"data.engagement.browser", Kind::one_of, false, {"Chrome", "Firefox", "Safari"}},
                 {"data.engagement.purchaseAmount", Kind::amount, kNullable}})},
        {"TikTokTop", test::tiktok_top("ttk-1"),
         joined(head, tiktok_user,
                {{"data.engagement.watchTime", Kind::integer},
                 {"data.engagement.percentageWatched", Kind::integer, false, {}, 100},
                 {"data.engagement.device", Kind::one_of, false, {"Android", "iOS", "Desktop"}},
                 {"data.engagement.country", Kind::text},
                 {"data.engagement.videoId", Kind::text}})},
        {"TikTokBottom", test::tiktok_bottom("ttk-2"),
         joined(head, tiktok_user,
                {{"data.engagement.actionTime", Kind::time},
                 {"data.engagement.profileId", Kind::text, kNullable},
                 {"data.engagement.purchasedItem", Kind::text, kNullable},
                 {"data.engagement.purchaseAmount", Kind::amount, kNullable}})},
    };
}

struct Case {
    std::string event;
    std::string json;
    FieldRule field;
};

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const auto& event : event_rules()) {
        for (const auto& field : event.fields) all.push_back({event.name, event.json, field});
    }
    return all;
}

std::string in_quotes(std::string_view text) {
    return '"' + std::string{text} + '"';
}

class EventField : public ::testing::TestWithParam<Case> {
  protected:
    [[nodiscard]] const FieldRule& field() const { return GetParam().field; }
    [[nodiscard]] bool is(std::initializer_list<Kind> kinds) const {
        return std::find(kinds.begin(), kinds.end(), field().kind) != kinds.end();
    }
    [[nodiscard]] bool is_string() const { return !is({Kind::integer, Kind::object}); }

    void expect_valid(std::string_view raw) {
        const test::Exact json{test::with(GetParam().json, field().path, raw)};
        TextArena arena;
        const auto event = Parser{}.parse_event(json.view(), arena);
        EXPECT_TRUE(event) << raw << ": " << event.error().message;
    }

    void expect_rejected(const std::string& event_json, RejectionCode code) {
        const test::Exact json{event_json};
        TextArena arena;
        const auto event = Parser{}.parse_event(json.view(), arena);
        ASSERT_FALSE(event) << event_json;
        EXPECT_EQ(to_string(event.error().code), to_string(code)) << event.error().message;
        EXPECT_EQ(event.error().path, field().path);
        EXPECT_THAT(event.error().message, HasSubstr(field().path));
    }

    void expect_rejected_value(std::string_view raw, RejectionCode code) {
        expect_rejected(test::with(GetParam().json, field().path, raw), code);
    }
};

TEST_P(EventField, IsRequired) {
    expect_rejected(test::without(GetParam().json, field().path), RejectionCode::missing_field);
}

TEST_P(EventField, MayBeNullOnlyWhereTheContractSaysSo) {
    if (field().nullable) {
        expect_valid("null");
    } else {
        expect_rejected_value("null", RejectionCode::missing_field);
    }
}

TEST_P(EventField, HasOneType) {
    for (const char* raw : {"true", "false", "[]", R"(["a"])", "30.5", "30.0", "3e1"}) {
        expect_rejected_value(raw, RejectionCode::wrong_type);
    }
    if (field().kind != Kind::integer) expect_rejected_value("12", RejectionCode::wrong_type);
    if (field().kind != Kind::object) expect_rejected_value("{}", RejectionCode::wrong_type);
    if (!is_string()) expect_rejected_value(R"("12")", RejectionCode::wrong_type);
}

TEST_P(EventField, TakesAnIntegerWithinItsBoundsExactly) {
    if (!is({Kind::integer})) GTEST_SKIP() << "no integer";
    expect_valid("0");
    expect_valid("-0");
    expect_valid("1");
    expect_valid(std::to_string(field().max));
    expect_rejected_value("-1", RejectionCode::out_of_range);
    expect_rejected_value("9223372036854775808", RejectionCode::out_of_range);
    expect_rejected_value("-9223372036854775809", RejectionCode::out_of_range);
    expect_rejected_value(test::repeated("9", 40), RejectionCode::out_of_range);
    if (field().max < 1000) {
        expect_rejected_value(std::to_string(field().max + 1), RejectionCode::out_of_range);
        expect_rejected_value("65536", RejectionCode::out_of_range);  // 0, were it cut to 16 bits
    }
}

TEST_P(EventField, IsOneOfItsChoicesWithTheirExactLetters) {
    if (!is({Kind::one_of})) GTEST_SKIP() << "no enum";
    for (const auto& choice : field().choices) {
        expect_valid(in_quotes(choice));
        auto upper = choice;
        upper.front() = static_cast<char>(choice.front() ^ 0x20);
        expect_rejected_value(in_quotes(upper), RejectionCode::unknown_value);
        expect_rejected_value(in_quotes(choice + " "), RejectionCode::unknown_value);
    }
    expect_rejected_value(in_quotes("else"), RejectionCode::unknown_value);
    expect_rejected_value(in_quotes(""), RejectionCode::unknown_value);
}

TEST_P(EventField, HoldsAtMost1024BytesOfText) {
    if (!is({Kind::text})) GTEST_SKIP() << "no free text";
    expect_valid(in_quotes(""));
    expect_valid(in_quotes(test::repeated("x", 1024)));
    expect_valid(in_quotes(test::repeated("\u00e9", 512)));
    expect_valid(in_quotes(test::repeated(R"(\u00e9)", 512)));  // counted after unescaping
    expect_rejected_value(in_quotes(test::repeated("x", 1025)), RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated("\u00e9", 513)), RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated(R"(\u00e9)", 513)), RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated("x", 1'000'000)), RejectionCode::out_of_range);
}

TEST_P(EventField, HoldsOneTo128CharactersOfAnId) {
    if (!is({Kind::id})) GTEST_SKIP() << "no id";
    expect_valid(in_quotes("x"));
    expect_valid(in_quotes(test::repeated("x", 128)));
    expect_valid(in_quotes(test::repeated("\U0001F600", 128)));
    expect_valid(in_quotes(test::repeated(R"(\ud83d\ude00)", 128)));
    expect_rejected_value(in_quotes(""), RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated("x", 129)), RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated("\U0001F600", 129)),
                          RejectionCode::out_of_range);
    expect_rejected_value(in_quotes(test::repeated("x", 1'000'000)), RejectionCode::out_of_range);
}

TEST_P(EventField, IsARfc3339DateTime) {
    if (!is({Kind::time})) GTEST_SKIP() << "no time";
    expect_valid(in_quotes("1999-12-31t23:59:59.123456789+05:30"));
    for (const char* bad : {"", "yesterday", "2026-02-30T00:00:00Z", "2026-03-01T12:00:00",
                            "2026-03-01 12:00:00Z", "1772366400000"}) {
        expect_rejected_value(in_quotes(bad), RejectionCode::malformed_value);
    }
    expect_rejected_value("1772366400000", RejectionCode::wrong_type);
}

TEST_P(EventField, IsAnExactAmountInAString) {
    if (!is({Kind::amount})) GTEST_SKIP() << "no amount";
    for (const char* good : {"0", "12.5", "0.07", "999999999999.99"}) expect_valid(in_quotes(good));
    for (const char* bad : {"", "12.345", "-1", "1e3", "1,50", " 1", "1234567890123", "1."}) {
        expect_rejected_value(in_quotes(bad), RejectionCode::malformed_value);
    }
    expect_rejected_value("12.5", RejectionCode::wrong_type);
}

TEST_P(EventField, HoldsNoTextThatThePostgresCannotKeep) {
    if (!is_string()) GTEST_SKIP() << "no string";
    for (const char* bad : {R"("a\u0000")", R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")"}) {
        expect_rejected_value(bad, RejectionCode::malformed_value);
    }
}

TEST_P(EventField, MayHaveUnknownFieldsBesideIt) {
    const auto dot = field().path.rfind('.');
    const auto parent = dot == std::string::npos ? "" : field().path.substr(0, dot + 1);
    for (const char* raw : {"null", "1e999", R"("\ud83d \u0000")", R"({"eventId":[{}]})"}) {
        const test::Exact json{test::with(GetParam().json, parent + "unknown", raw)};
        TextArena arena;
        const auto event = Parser{}.parse_event(json.view(), arena);
        EXPECT_TRUE(event) << json.view() << event.error().message;
    }
}

TEST_P(EventField, IsFoundUnderAnEscapedKey) {
    const auto key = field().path.substr(field().path.rfind('.') + 1);
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(key.back()));
    const auto json = test::replaced(GetParam().json, in_quotes(key) + ":",
                                     in_quotes(key.substr(0, key.size() - 1) + escaped) + ":");
    ASSERT_NE(json, GetParam().json);
    const test::Exact exact{json};
    TextArena arena;
    const auto event = Parser{}.parse_event(exact.view(), arena);
    EXPECT_TRUE(event) << json << event.error().message;
}

TEST_P(EventField, CountsTheLastOfSeveralValues) {
    const auto key = in_quotes(field().path.substr(field().path.rfind('.') + 1)) + ":";
    auto right_last = GetParam().json;
    const auto place = right_last.find(key);
    ASSERT_EQ(right_last.find(key, place + 1), std::string::npos) << "the key must be the only one";
    right_last.insert(place, key + "[0],");
    const test::Exact exact{right_last};
    TextArena arena;
    const auto event = Parser{}.parse_event(exact.view(), arena);
    EXPECT_TRUE(event) << right_last << event.error().message;

    expect_rejected_value(R"("right",)" + key + "[0]", RejectionCode::wrong_type);
}

INSTANTIATE_TEST_SUITE_P(Contract, EventField, ::testing::ValuesIn(cases()), [](const auto& row) {
    return row.param.event + "_" + test::replaced(row.param.field.path, ".", "_");
});

}  // namespace
}  // namespace events
