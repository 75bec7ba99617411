#include "common/events/event.hpp"
#include "common/events/parser.hpp"
#include "common/events/time.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "edit.hpp"
#include "support/made_events.hpp"
#include "support/sample_events.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace events {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

Timestamp at(std::string_view text) {
    return parse_timestamp(text).value();
}

using test::value_of;

std::optional<std::string_view> text_of(const Event& event, std::string_view path) {
    const auto& value = value_of(event, path);
    return value.is_null() ? std::nullopt : std::optional{value.text()};
}

/// The parser and what must outlive an event of it.
class ParseEvent : public ::testing::Test {
  protected:
    Expected<Event, Rejection> parse(const std::string& json, const TimeLimits& limits = {}) {
        texts_.emplace_back(json);
        return parser_.parse_event(texts_.back().view(), arena_, limits);
    }

    /// "code path" of the rejection, "valid" without one.
    std::string verdict(const std::string& json, const TimeLimits& limits = {}) {
        const auto event = parse(json, limits);
        if (event) return "valid";
        return std::string{to_string(event.error().code)} + " " + event.error().path;
    }

    Parser parser_;
    TextArena arena_;
    std::deque<test::Exact> texts_;
};

TEST_F(ParseEvent, ReadsEveryFieldOfAFacebookTopEvent) {
    const auto event = parse(test::facebook_top("fb-1", "2026-03-01T12:00:00.123456789Z"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->event_id, "fb-1");
    EXPECT_EQ(event->timestamp, at("2026-03-01T12:00:00.123456Z"));
    EXPECT_EQ(event->type, find_event_type(kFacebook, "video.view"));
    EXPECT_EQ(event->user_id, "fb-user-1");
    EXPECT_EQ(text_of(*event, "user.name"), "Ada Lovelace");
    EXPECT_EQ(value_of(*event, "user.age").integer(), 36);
    EXPECT_EQ(text_of(*event, "user.gender"), "female");
    EXPECT_EQ(text_of(*event, "user.location.country"), "Germany");
    EXPECT_EQ(text_of(*event, "user.location.city"), "Berlin");
    EXPECT_EQ(value_of(*event, "engagement.actionTime").time(), at("2026-03-01T11:59:58Z"));
    EXPECT_EQ(text_of(*event, "engagement.referrer"), "newsfeed");
    EXPECT_EQ(text_of(*event, "engagement.videoId"), "video-7");
    EXPECT_EQ(text_of(*event, "engagement.device"), std::nullopt);  // of the other stage
}

TEST_F(ParseEvent, ReadsEveryFieldOfAFacebookBottomEvent) {
    const auto event = parse(test::facebook_bottom("fb-2"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, find_event_type(kFacebook, "checkout.complete"));
    EXPECT_EQ(text_of(*event, "engagement.adId"), "ad-3");
    EXPECT_EQ(text_of(*event, "engagement.campaignId"), "campaign-9");
    EXPECT_EQ(text_of(*event, "engagement.clickPosition"), "top_left");
    EXPECT_EQ(text_of(*event, "engagement.device"), "mobile");
    EXPECT_EQ(text_of(*event, "engagement.browser"), "Firefox");
    EXPECT_EQ(text_of(*event, "engagement.purchaseAmount"), "12.50");
}

TEST_F(ParseEvent, ReadsEveryFieldOfATikTokTopEvent) {
    const auto event = parse(test::tiktok_top("ttk-1"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, find_event_type(kTikTok, "video.view"));
    EXPECT_EQ(event->user_id, "ttk-user-1");
    EXPECT_EQ(text_of(*event, "user.username"), "ada.dances");
    EXPECT_EQ(value_of(*event, "user.followers").integer(), 1234);
    EXPECT_EQ(value_of(*event, "engagement.watchTime").integer(), 42);
    EXPECT_EQ(value_of(*event, "engagement.percentageWatched").integer(), 87);
    EXPECT_EQ(text_of(*event, "engagement.device"), "Android");
    EXPECT_EQ(text_of(*event, "engagement.country"), "France");
    EXPECT_EQ(text_of(*event, "engagement.videoId"), "video-8");
}

TEST_F(ParseEvent, ReadsEveryFieldOfATikTokBottomEvent) {
    const auto event = parse(test::tiktok_bottom("ttk-2"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, find_event_type(kTikTok, "purchase"));
    EXPECT_EQ(value_of(*event, "engagement.actionTime").time(), at("2026-03-01T11:59:57Z"));
    EXPECT_EQ(text_of(*event, "engagement.profileId"), "profile-5");
    EXPECT_EQ(text_of(*event, "engagement.purchasedItem"), "Ring light");
    EXPECT_EQ(text_of(*event, "engagement.purchaseAmount"), "12.50");
}

TEST_F(ParseEvent, GivesNothingForNull) {
    auto json = test::with(test::tiktok_bottom("t", test::kSampleTimestamp, std::nullopt),
                           "data.engagement.profileId", "null");
    json = test::with(json, "data.engagement.purchasedItem", "null");
    const auto event = parse(json);
    ASSERT_TRUE(event);
    EXPECT_EQ(text_of(*event, "engagement.profileId"), std::nullopt);
    EXPECT_EQ(text_of(*event, "engagement.purchasedItem"), std::nullopt);
    EXPECT_EQ(text_of(*event, "engagement.purchaseAmount"), std::nullopt);

    const auto top = parse(test::with(test::facebook_top("f"), "data.engagement.videoId", "null"));
    ASSERT_TRUE(top);
    EXPECT_EQ(text_of(*top, "engagement.videoId"), std::nullopt);
}

TEST_F(ParseEvent, KeepsNoValuesForWhoJudgesOnly) {
    TextArena texts{TextArena::Keep::texts};
    const test::Exact json{test::facebook_top("f")};
    const auto event = parser_.parse_event(json.view(), texts);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->user_id, "fb-user-1");
    EXPECT_TRUE(event->values.empty());
}

TEST_F(ParseEvent, TakesEveryEventTypeInItsOwnSourceAndStageOnly) {
    for (const auto& type : event_types()) {
        const bool facebook = type.source == kFacebook;
        for (const auto stage : {FunnelStage::top, FunnelStage::bottom}) {
            const bool top = stage == FunnelStage::top;
            const auto sample = facebook
                                    ? (top ? test::facebook_top("e") : test::facebook_bottom("e"))
                                    : (top ? test::tiktok_top("e") : test::tiktok_bottom("e"));
            const auto json = test::with(sample, "eventType", '"' + std::string{type.name} + '"');
            EXPECT_EQ(verdict(json), type.stage == stage ? "valid" : "stage_mismatch funnelStage")
                << json;
        }
        const auto other = facebook ? test::tiktok_top("e") : test::facebook_top("e");
        const auto name = '"' + std::string{type.name} + '"';
        const auto* there = find_event_type(facebook ? kTikTok : kFacebook, type.name);
        EXPECT_EQ(verdict(test::with(other, "eventType", name)),
                  there == nullptr ? "unknown_value eventType" : "valid");
    }
}

TEST_F(ParseEvent, ReportsTheFirstProblemInTheContractsOrderWhateverTheOrderOfTheFields) {
    const auto json = test::facebook_top("fb-1");
    auto both = test::with(test::with(json, "data.user.age", "-1"), "data.user.gender", "\"x\"");
    EXPECT_EQ(verdict(both), "out_of_range data.user.age");
    both = test::with(test::with(json, "data.user.gender", "\"x\""), "timestamp", "1");
    EXPECT_EQ(verdict(both), "wrong_type timestamp");
    EXPECT_EQ(verdict(R"({"data":7,"source":"else"})"), "missing_field eventId");
    EXPECT_EQ(verdict("{}"), "missing_field eventId");
}

TEST_F(ParseEvent, ComparesTheTimestampWithTheLatestOneWhereThereIsOne) {
    const TimeLimits limits{.latest = at("2026-03-02T00:00:00Z")};
    EXPECT_EQ(verdict(test::tiktok_top("t", "2026-03-02T00:00:00Z"), limits), "valid");
    EXPECT_EQ(verdict(test::tiktok_top("t", "2026-03-02T00:00:00.000001Z"), limits),
              "in_the_future timestamp");
    EXPECT_EQ(verdict(test::tiktok_top("t", "2026-03-02T00:30:00+01:00"), limits), "valid");
    EXPECT_EQ(verdict(test::tiktok_top("t", "9999-12-31T23:59:59Z")), "valid");
    const auto later_action = test::with(test::tiktok_bottom("t"), "data.engagement.actionTime",
                                         R"("2999-01-01T00:00:00Z")");
    EXPECT_EQ(verdict(later_action, limits), "valid");
}

TEST_F(ParseEvent, ComparesTheTimestampWithTheEarliestOneOfItsSource) {
    TimeLimits limits;
    limits.earliest[kFacebook] = at("2026-03-02T00:00:00Z");
    EXPECT_EQ(verdict(test::facebook_top("f", "2026-03-02T00:00:00Z"), limits), "valid");
    EXPECT_EQ(verdict(test::facebook_top("f", "2026-03-01T23:59:59.999999Z"), limits),
              "too_old timestamp");
    EXPECT_EQ(verdict(test::facebook_top("f", "2026-03-02T00:30:00+01:00"), limits),
              "too_old timestamp");
    EXPECT_EQ(verdict(test::tiktok_top("t", "1970-01-01T00:00:00Z"), limits), "valid");
    const auto other_source =
        test::with(test::facebook_top("f", "2026-03-01T00:00:00Z"), "source", "\"myspace\"");
    EXPECT_EQ(verdict(other_source, limits), "unknown_value source");
}

TEST_F(ParseEvent, ReadsTextsWithEscapesIntoTheArena) {
    const auto json =
        test::with(test::facebook_top("x"), "data.user.name", R"("Zo\u00eb \"Z\" \ud83d\ude00\n")");
    const auto event = parse(json);
    ASSERT_TRUE(event);
    EXPECT_EQ(text_of(*event, "user.name"), "Zo\u00eb \"Z\" \U0001F600\n");
    EXPECT_EQ(arena_.texts(), 1U);
}

TEST_F(ParseEvent, ViewsTextsWithoutEscapesWhereTheyStand) {
    const auto event = parse(test::with(test::facebook_top("x"), "data.user.city", R"("\n")"));
    ASSERT_TRUE(event);
    EXPECT_EQ(arena_.texts(), 0U);  // the escape is in a field that nobody uses
    const auto text = texts_.back().view();
    EXPECT_GE(event->event_id.data(), text.data());
    EXPECT_LT(event->event_id.data(), text.data() + text.size());
}

TEST_F(ParseEvent, ReadsEscapedEnumsTimesAndAmountsLikePlainOnes) {
    auto json = test::replaced(test::facebook_bottom("x"), "mobile", R"(m\u006fbile)");
    json = test::replaced(json, "facebook", R"(f\u0061cebook)");
    json = test::replaced(json, "checkout.complete", R"(checkout\u002ecomplete)");
    json = test::replaced(json, "12.50", R"(12\u002e50)");
    json = test::replaced(json, "12:00", R"(12\u003a00)");
    const auto event = parse(json);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->timestamp, at(test::kSampleTimestamp));
    EXPECT_EQ(text_of(*event, "engagement.device"), "mobile");
    EXPECT_EQ(text_of(*event, "engagement.purchaseAmount"), "12.50");
}

TEST_F(ParseEvent, KeepsUnicodeAsItIs) {
    const auto json = test::with(test::facebook_top("\u65e5\u672c"), "data.user.name",
                                 "\"\u0415\u0432\u0433\u0435\u043d\u0438\u0439 \U0001F600\"");
    const auto event = parse(json);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->event_id, "\u65e5\u672c");
    EXPECT_EQ(text_of(*event, "user.name"),
              "\u0415\u0432\u0433\u0435\u043d\u0438\u0439 \U0001F600");
}

TEST_F(ParseEvent, NamesTheEventInARejectionWhereItsIdIsReadable) {
    const auto id_of = [&](const std::string& json) {
        const auto event = parse(json);
        return event ? "valid" : event.error().event_id.value_or("none");
    };
    const auto bad = test::with(test::facebook_top("fb-1"), "data.user.age", "-1");
    EXPECT_EQ(id_of(bad), "fb-1");
    EXPECT_EQ(id_of(test::with(bad, "eventId", R"("f\u0062-1")")), "fb-1");
    EXPECT_EQ(id_of(test::with(bad, "eventId", "7")), "none");
    EXPECT_EQ(id_of(test::with(bad, "eventId", "null")), "none");
    EXPECT_EQ(id_of(test::with(bad, "eventId", R"("a\u0000")")), "none");
    EXPECT_EQ(id_of(test::with(bad, "eventId", R"("\ud800")")), "none");
    EXPECT_EQ(id_of(test::without(bad, "eventId")), "none");
    EXPECT_EQ(id_of(test::with(bad, "eventId", '"' + test::repeated("\u00e9", 200) + '"')),
              test::repeated("\u00e9", 128));
}

TEST_F(ParseEvent, QuotesAnEventsValueBesideTheMessageOnly) {
    const auto event =
        parse(test::with(test::facebook_top("fb-1"), "data.user.gender", R"("secret words")"));
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().message, "data.user.gender must be one of male, female, non-binary");
    EXPECT_EQ(event.error().found, R"(it is "secret words")");
}

TEST_F(ParseEvent, CutsTheValueThatItQuotes) {
    const auto found = [&](std::string_view raw) {
        const auto event = parse(test::with(test::facebook_top("fb-1"), "data.user.age", raw));
        return event ? "valid" : event.error().found;
    };
    EXPECT_EQ(found("151"), "it is 151");
    EXPECT_EQ(found("null"), "it is null");
    EXPECT_EQ(found(R"("a\nb")"), R"(it is "a\nb")");
    EXPECT_EQ(found(R"({"a":1})"), "it is an object");
    EXPECT_EQ(found("[1,2]"), "it is an array");
    EXPECT_EQ(found(test::repeated("1", 40)), "it is " + test::repeated("1", 40));
    EXPECT_EQ(found(test::repeated("1", 41)), "it is " + test::repeated("1", 40) + "...");
    EXPECT_EQ(found('"' + test::repeated("\u00e9", 90) + '"'),
              "it is \"" + test::repeated("\u00e9", 39) + "...");
}

/// Each problem's code and path, in their order.
std::vector<std::string> problems_of(const Expected<Event, Rejection>& event) {
    std::vector<std::string> problems;
    if (event) return problems;
    const auto add = [&](const Rejection& problem) {
        problems.push_back(fmt::format("{} {}", to_string(problem.code), problem.path));
    };
    add(event.error());
    for (const auto& problem : event.error().more) add(problem);
    return problems;
}

TEST_F(ParseEvent, TellsEveryProblemAtOnce) {
    auto json = test::with(test::facebook_bottom("fb-1"), "data.user.age", "151");
    json = test::with(json, "data.engagement.purchaseAmount", "12.5");
    json = test::with(json, "timestamp", "7");
    json = test::without(json, "data.user.location.city");
    EXPECT_THAT(problems_of(parse(json)),
                ElementsAre("wrong_type timestamp", "out_of_range data.user.age",
                            "missing_field data.user.location.city",
                            "wrong_type data.engagement.purchaseAmount"));
}

void add_leaves(const nlohmann::json& value, const std::string& path,
                std::vector<std::string>& leaves) {
    if (!value.is_object()) return leaves.push_back(path);
    for (const auto& [key, inner] : value.items()) {
        add_leaves(inner, path.empty() ? key : path + "." + key, leaves);
    }
}

TEST_F(ParseEvent, TellsOfManyBrokenFieldsWhatItTellsOfEachAlone) {
    for (const auto& sample : {test::facebook_top("e"), test::facebook_bottom("e"),
                               test::tiktok_top("e"), test::tiktok_bottom("e")}) {
        std::vector<std::string> leaves;
        add_leaves(nlohmann::json::parse(sample), "", leaves);
        for (const char* raw : {"true", "null", R"("\u0000")", "-1", "[]"}) {
            auto broken = sample;
            std::vector<std::string> alone;
            for (const auto& leaf : leaves) {
                if (leaf == "source" || leaf == "eventType") continue;  // others are judged by them
                broken = test::with(broken, leaf, raw);
                const auto problems = problems_of(parse(test::with(sample, leaf, raw)));
                alone.insert(alone.end(), problems.begin(), problems.end());
            }
            EXPECT_THAT(problems_of(parse(broken)), UnorderedElementsAreArray(alone)) << broken;
        }
    }
}

TEST_F(ParseEvent, MissesAnObjectAndNotEachFieldOfIt) {
    const auto json = test::facebook_top("fb-1");
    EXPECT_THAT(problems_of(parse(test::without(json, "data"))), ElementsAre("missing_field data"));
    EXPECT_THAT(problems_of(parse(test::with(json, "data.user", "7"))),
                ElementsAre("wrong_type data.user"));
    EXPECT_THAT(problems_of(parse(test::with(json, "data.user.location", "null"))),
                ElementsAre("missing_field data.user.location"));
    EXPECT_THAT(
        problems_of(parse("{}")),
        ElementsAre("missing_field eventId", "missing_field timestamp", "missing_field source",
                    "missing_field funnelStage", "missing_field eventType", "missing_field data"));
}

TEST_F(ParseEvent, JudgesFieldsByWhatIsKnownOfTheEvent) {
    const auto json = test::facebook_top("fb-1");
    // Without a source nothing of a source's fields; without a type they go by the stage.
    EXPECT_THAT(problems_of(parse(
                    test::with(test::with(json, "source", R"("meta")"), "data.user.age", "-1"))),
                ElementsAre("unknown_value source"));
    EXPECT_THAT(problems_of(parse(test::with(test::with(json, "eventType", R"("view")"),
                                             "data.engagement.referrer", "1"))),
                ElementsAre("unknown_value eventType", "wrong_type data.engagement.referrer"));
    EXPECT_THAT(problems_of(parse(test::with(test::with(json, "funnelStage", R"("middle")"),
                                             "data.engagement.referrer", "1"))),
                ElementsAre("unknown_value funnelStage", "wrong_type data.engagement.referrer"));
    EXPECT_THAT(problems_of(parse(test::with(json, "funnelStage", R"("bottom")"))),
                ElementsAre("stage_mismatch funnelStage"));
}

TEST_F(ParseEvent, TellsTheClockThatATimestampIsAheadOf) {
    auto json = test::with(test::facebook_top("fb-1"), "timestamp", R"("2026-03-05T12:00:00Z")");
    json.reserve(json.size() + kPadding);
    TextArena arena;
    const auto event =
        Parser{}.parse_event(json, arena, {.latest = parse_timestamp("2026-03-02T12:00:00.5Z")});
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().message,
              "timestamp must be at most 24 hours ahead of the gateway's clock, "
              "2026-03-01T12:00:00.500000Z");
    EXPECT_EQ(event.error().found, R"(it is "2026-03-05T12:00:00Z")");
}

TEST_F(ParseEvent, TakesAnEventUpToTheLargestSizeExactly) {
    const auto sized = [](std::size_t bytes) {
        const auto empty = test::with(test::facebook_top("fb-1"), "extra", R"("")");
        return test::with(empty, "extra", '"' + test::repeated("x", bytes - empty.size()) + '"');
    };
    EXPECT_EQ(verdict(sized(kMaxEventBytes)), "valid");
    EXPECT_EQ(verdict(sized(kMaxEventBytes + 1)), "too_large ");
    EXPECT_EQ(verdict(sized(1024 * 1024)), "too_large ");
    EXPECT_EQ(verdict("  " + sized(kMaxEventBytes) + "\n"), "valid");
}

TEST_F(ParseEvent, FindsFieldsInAnyOrder) {
    for (const auto& sample : {test::facebook_top("e"), test::facebook_bottom("e"),
                               test::tiktok_top("e"), test::tiktok_bottom("e")}) {
        // nlohmann::json sorts the keys: data stands before eventId and source.
        const auto sorted = nlohmann::json::parse(sample).dump();
        ASSERT_NE(sorted, sample);
        EXPECT_EQ(verdict(sorted), "valid") << sorted;
        const auto reversed = [](const nlohmann::ordered_json& value, const auto& self) {
            if (!value.is_object()) return value;
            std::vector<std::pair<std::string, nlohmann::ordered_json>> fields;
            for (const auto& [key, inner] : value.items())
                fields.emplace_back(key, self(inner, self));
            auto out = nlohmann::ordered_json::object();
            for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
                out[field->first] = field->second;
            }
            return out;
        };
        const auto backwards = reversed(nlohmann::ordered_json::parse(sample), reversed).dump();
        ASSERT_TRUE(backwards.starts_with(R"({"data":{"engagement")"));
        EXPECT_EQ(verdict(backwards), "valid") << backwards;
    }
}

TEST_F(ParseEvent, ForgetsAllOfAnObjectThatIsGivenAgain) {
    const auto event = test::facebook_top("fb-1");
    const auto with_first = [&](std::string_view key, std::string_view raw) {
        const auto found = '"' + std::string{key} + "\":";
        return test::replaced(event, found, found + std::string{raw} + "," + found);
    };
    EXPECT_EQ(verdict(with_first("data", R"({"user":1,"engagement":2})")), "valid");
    EXPECT_EQ(verdict(with_first("user", R"({"age":-1,"location":{"city":1}})")), "valid");
    EXPECT_EQ(verdict(with_first("location", "7")), "valid");

    const auto replaced_by = [&](std::string_view path, std::string_view raw) {
        // The right value and behind it a second one with less in it.
        const auto key = std::string{path.substr(path.rfind('.') + 1)};
        const auto value = nlohmann::ordered_json::parse(event)
                               .at(nlohmann::ordered_json::json_pointer{
                                   "/" + test::replaced(std::string{path}, ".", "/")})
                               .dump();
        return verdict(test::with(event, path, value + ",\"" + key + "\":" + std::string{raw}));
    };
    EXPECT_EQ(replaced_by("data", "{}"), "missing_field data.user");
    EXPECT_EQ(replaced_by("data", R"({"user":{}})"), "missing_field data.user.userId");
    EXPECT_EQ(replaced_by("data.user", "{}"), "missing_field data.user.userId");
    EXPECT_EQ(replaced_by("data.user.location", R"({"city":"x"})"),
              "missing_field data.user.location.country");
    EXPECT_EQ(replaced_by("data.engagement", "{}"), "missing_field data.engagement.actionTime");
    EXPECT_EQ(replaced_by("data", "null"), "missing_field data");
}

TEST_F(ParseEvent, LooksForFieldsInTheirOwnObjectOnly) {
    // The same keys deeper, higher or in an array are unknown fields.
    EXPECT_EQ(
        verdict(test::with(test::without(test::facebook_top("f"), "data.user.age"), "age", "3")),
        "missing_field data.user.age");
    EXPECT_EQ(verdict(test::with(test::without(test::tiktok_top("t"), "eventId"), "data.eventId",
                                 "\"x\"")),
              "missing_field eventId");
    EXPECT_EQ(verdict(test::with(test::tiktok_top("t"), "extra", test::facebook_top("f"))),
              "valid");
    EXPECT_EQ(verdict(test::with(test::tiktok_top("t"), "data.user",
                                 R"([{"userId":"u","username":"n","followers":1}])")),
              "wrong_type data.user");
}

TEST_F(ParseEvent, IgnoresWhatOnlyOtherEventTypesUse) {
    EXPECT_EQ(verdict(test::with(test::facebook_top("f"), "data.engagement.purchaseAmount", "-1")),
              "valid");
    EXPECT_EQ(verdict(test::with(test::tiktok_top("t"), "data.user.age", "\"old\"")), "valid");
    EXPECT_EQ(verdict(test::with(test::tiktok_top("t"), "data.user.location", "7")), "valid");
}

TEST_F(ParseEvent, CanBeUsedAgainAfterARejection) {
    EXPECT_EQ(verdict("{"), "malformed_json ");
    EXPECT_EQ(verdict(test::facebook_top("f")), "valid");
    EXPECT_EQ(verdict(test::without(test::facebook_top("f"), "source")), "missing_field source");
    EXPECT_EQ(verdict(test::tiktok_top("t")), "valid");
}

}  // namespace
}  // namespace events
