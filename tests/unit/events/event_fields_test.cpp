// Every rule of the contract's section 2, field by field, from a table that says what each of the
// four kinds of event must hold.

#include "common/events/event.hpp"
#include "common/events/parser.hpp"
#include "edit.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
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

void PrintTo(const EventRule& row, std::ostream* out) {
    *out << row.name;
}

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

std::string in_quotes(std::string_view text) {
    return '"' + std::string{text} + '"';
}

/// Looks at each field of one kind of event.
class FieldsOf : public ::testing::TestWithParam<EventRule> {
  protected:
    /// Calls `check(field)` for each field of those kinds, of which there is at least one.
    template <typename Check>
    void each(std::initializer_list<Kind> kinds, Check check) {
        int checked = 0;
        for (const auto& field : GetParam().fields) {
            if (std::find(kinds.begin(), kinds.end(), field.kind) == kinds.end()) continue;
            SCOPED_TRACE(field.path);
            check(field);
            ++checked;
        }
        EXPECT_GT(checked, 0);
    }

    void expect_valid_json(const std::string& event_json) {
        const test::Exact json{event_json};
        TextArena arena;
        const auto event = Parser{}.parse_event(json.view(), arena);
        EXPECT_TRUE(event) << event_json << ": " << event.error().message;
    }

    void expect_rejected_json(const FieldRule& field, const std::string& event_json,
                              RejectionCode code) {
        const test::Exact json{event_json};
        TextArena arena;
        const auto event = Parser{}.parse_event(json.view(), arena);
        ASSERT_FALSE(event) << event_json;
        EXPECT_EQ(to_string(event.error().code), to_string(code)) << event.error().message;
        EXPECT_EQ(event.error().path, field.path);
        EXPECT_THAT(event.error().message, HasSubstr(field.path));
    }

    void expect_valid(const FieldRule& field, std::string_view raw) {
        expect_valid_json(test::with(GetParam().json, field.path, raw));
    }

    void expect_rejected(const FieldRule& field, std::string_view raw, RejectionCode code) {
        expect_rejected_json(field, test::with(GetParam().json, field.path, raw), code);
    }
};

constexpr std::initializer_list<Kind> kStrings{Kind::id, Kind::text, Kind::time, Kind::one_of,
                                               Kind::amount};
constexpr std::initializer_list<Kind> kAll{Kind::id,      Kind::text,   Kind::time,  Kind::one_of,
                                           Kind::integer, Kind::amount, Kind::object};

TEST_P(FieldsOf, AreRequired) {
    each(kAll, [&](const FieldRule& field) {
        expect_rejected_json(field, test::without(GetParam().json, field.path),
                             RejectionCode::missing_field);
    });
}

TEST_P(FieldsOf, MayBeNullOnlyWhereTheContractSaysSo) {
    each(kAll, [&](const FieldRule& field) {
        if (field.nullable) {
            expect_valid(field, "null");
        } else {
            expect_rejected(field, "null", RejectionCode::missing_field);
        }
    });
}

TEST_P(FieldsOf, HaveOneType) {
    each(kAll, [&](const FieldRule& field) {
        for (const char* raw : {"true", "false", "[]", R"(["a"])", "30.5", "305e-1", "3e-1"}) {
            expect_rejected(field, raw, RejectionCode::wrong_type);
        }
        if (field.kind != Kind::integer) expect_rejected(field, "12", RejectionCode::wrong_type);
        if (field.kind != Kind::object) expect_rejected(field, "{}", RejectionCode::wrong_type);
        if (field.kind == Kind::integer || field.kind == Kind::object) {
            expect_rejected(field, R"("12")", RejectionCode::wrong_type);
        }
    });
}

TEST_P(FieldsOf, TakeIntegersWithinTheirBoundsExactly) {
    each({Kind::integer}, [&](const FieldRule& field) {
        expect_valid(field, "0");
        expect_valid(field, "-0");
        expect_valid(field, "1");
        expect_valid(field, std::to_string(field.max));
        expect_rejected(field, "-1", RejectionCode::out_of_range);
        expect_rejected(field, "9223372036854775808", RejectionCode::out_of_range);
        expect_rejected(field, "-9223372036854775809", RejectionCode::out_of_range);
        expect_rejected(field, test::repeated("9", 40), RejectionCode::out_of_range);
        if (field.max < 1000) {
            expect_rejected(field, std::to_string(field.max + 1), RejectionCode::out_of_range);
            // 0, were it cut to 16 bits.
            expect_rejected(field, "65536", RejectionCode::out_of_range);
        }
    });
}

TEST_P(FieldsOf, TakeOneOfTheirChoicesWithTheirExactLetters) {
    each({Kind::one_of}, [&](const FieldRule& field) {
        for (const auto& choice : field.choices) {
            expect_valid(field, in_quotes(choice));
            auto upper = choice;
            upper.front() = static_cast<char>(choice.front() ^ 0x20);
            expect_rejected(field, in_quotes(upper), RejectionCode::unknown_value);
            expect_rejected(field, in_quotes(choice + " "), RejectionCode::unknown_value);
        }
        expect_rejected(field, in_quotes("else"), RejectionCode::unknown_value);
        expect_rejected(field, in_quotes(""), RejectionCode::unknown_value);
    });
}

TEST_P(FieldsOf, HoldAtMost1024BytesOfText) {
    each({Kind::text}, [&](const FieldRule& field) {
        expect_valid(field, in_quotes(""));
        expect_valid(field, in_quotes(test::repeated("x", 1024)));
        expect_valid(field, in_quotes(test::repeated("\u00e9", 512)));
        // Counted after unescaping.
        expect_valid(field, in_quotes(test::repeated(R"(\u00e9)", 512)));
        expect_rejected(field, in_quotes(test::repeated("x", 1025)), RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated("\u00e9", 513)),
                        RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated(R"(\u00e9)", 513)),
                        RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated("x", 1'000'000)),
                        RejectionCode::out_of_range);
    });
}

TEST_P(FieldsOf, HoldOneTo128CharactersOfAnId) {
    each({Kind::id}, [&](const FieldRule& field) {
        expect_valid(field, in_quotes("x"));
        expect_valid(field, in_quotes(test::repeated("x", 128)));
        expect_valid(field, in_quotes(test::repeated("\U0001F600", 128)));
        expect_valid(field, in_quotes(test::repeated(R"(\ud83d\ude00)", 128)));
        expect_rejected(field, in_quotes(""), RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated("x", 129)), RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated("\U0001F600", 129)),
                        RejectionCode::out_of_range);
        expect_rejected(field, in_quotes(test::repeated("x", 1'000'000)),
                        RejectionCode::out_of_range);
    });
}

TEST_P(FieldsOf, TakeOnlyTimesAndAmountsOfTheRightShape) {
    each({Kind::time, Kind::amount}, [&](const FieldRule& field) {
        const bool is_time = field.kind == Kind::time;
        const std::vector<std::string> good_times{"1999-12-31t23:59:59.123456789+05:30"};
        const std::vector<std::string> bad_times{"", "yesterday", "2026-02-30T00:00:00Z",
                                                 "2026-03-01T12:00:00", "2026-03-01 12:00:00"};
        const std::vector<std::string> good_amounts{"0", "12.5", "0.07", "999999999999.99"};
        const std::vector<std::string> bad_amounts{"",   "12.345",        "-1", "1e3", "1,50",
                                                   " 1", "1234567890123", "1."};
        for (const auto& good : is_time ? good_times : good_amounts) {
            expect_valid(field, in_quotes(good));
        }
        for (const auto& bad : is_time ? bad_times : bad_amounts) {
            expect_rejected(field, in_quotes(bad), RejectionCode::malformed_value);
        }
        expect_rejected(field, "1772366400000", RejectionCode::wrong_type);
        expect_rejected(field, "12.5", RejectionCode::wrong_type);
    });
}

TEST_P(FieldsOf, HoldNoTextThatPostgresCannotKeep) {
    each(kStrings, [&](const FieldRule& field) {
        for (const char* bad :
             {R"("a\u0000")", R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")"}) {
            expect_rejected(field, bad, RejectionCode::malformed_value);
        }
    });
}

TEST_P(FieldsOf, MayHaveUnknownFieldsBesideThem) {
    each(kAll, [&](const FieldRule& field) {
        const auto dot = field.path.rfind('.');
        const auto parent = dot == std::string::npos ? "" : field.path.substr(0, dot + 1);
        for (const char* raw : {"null", "1e999", R"("\ud83d \u0000")", R"({"eventId":[{}]})"}) {
            expect_valid_json(test::with(GetParam().json, parent + "unknown", raw));
        }
    });
}

TEST_P(FieldsOf, AreFoundUnderAnEscapedKey) {
    each(kAll, [&](const FieldRule& field) {
        const auto key = field.path.substr(field.path.rfind('.') + 1);
        const auto escaped =
            fmt::format("{}\\u{:04x}", key.substr(0, key.size() - 1), key.back() + 0);
        const auto json =
            test::replaced(GetParam().json, in_quotes(key) + ":", in_quotes(escaped) + ":");
        ASSERT_NE(json, GetParam().json);
        expect_valid_json(json);
    });
}

TEST_P(FieldsOf, CountTheLastOfSeveralValues) {
    each(kAll, [&](const FieldRule& field) {
        const auto key = in_quotes(field.path.substr(field.path.rfind('.') + 1)) + ":";
        auto right_last = GetParam().json;
        const auto place = right_last.find(key);
        ASSERT_EQ(right_last.find(key, place + 1), std::string::npos) << "the key must be unique";
        right_last.insert(place, key + "[0],");
        expect_valid_json(right_last);
        expect_rejected(field, R"("right",)" + key + "[0]", RejectionCode::wrong_type);
    });
}

INSTANTIATE_TEST_SUITE_P(Contract, FieldsOf, ::testing::ValuesIn(event_rules()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace events
