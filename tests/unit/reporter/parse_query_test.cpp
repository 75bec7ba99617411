#include "reporter/parse_query.hpp"

#include "common/sources/facebook.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ostream>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const TimeZones kZones{"UTC", "Europe/Berlin"};  // NOLINT(cert-err58-cpp)

Expected<Query, std::vector<BadParameter>> parse(Category category, std::string_view query) {
    return parse_query(category, query, kZones);
}

std::vector<std::string> bad_names(Category category, std::string_view query) {
    const auto parsed = parse(category, query);
    std::vector<std::string> names;
    if (!parsed) {
        for (const auto& bad : parsed.error()) names.push_back(bad.name);
    }
    return names;
}

/// "17=tiktok" or "48=18..30" for each condition; the numbers are those of segments::Column.
std::vector<std::string> conditions_of(const Query& query) {
    std::vector<std::string> texts;
    for (const auto& [column, value] : query.conditions) {
        const auto number = static_cast<int>(column);
        if (const auto* text = std::get_if<std::string>(&value)) {
            texts.push_back(fmt::format("{}={}", number, *text));
        } else {
            const auto [min, max] = std::get<segments::NumberRange>(value);
            texts.push_back(fmt::format("{}={}..{}", number, min, max));
        }
    }
    return texts;
}

std::string condition(segments::Column column, std::string_view value) {
    return fmt::format("{}={}", static_cast<int>(column), value);
}

TEST(ParseQuery, AsksForEverythingWithoutParameters) {
    for (const auto& [name, category] : kCategories) {
        const auto query = parse(category, "");
        ASSERT_TRUE(query.has_value()) << name;
        EXPECT_EQ(query->category, category);
        EXPECT_FALSE(query->from || query->to);
        EXPECT_THAT(query->conditions, IsEmpty());
    }
}

TEST(ParseQuery, ReadsEveryFilterOfEveryReport) {
    using segments::Column;
    for (const auto& [name, category] : kCategories) {
        const auto query = parse(
            category,
            "device=Desktop&followersMax=2&followersMin=1&followers=9223372036854775807&ageMax=150"
            "&ageMin=0&age=30&city=Abidjan&country=C%C3%B4te+d'Ivoire&gender=non-binary"
            "&campaignId=a%26b&eventType=video.view&funnelStage=top&source=tiktok"
            "&to=1700000000001&from=2023-11-14T22%3A13%3A20Z");
        ASSERT_TRUE(query.has_value()) << name;
        EXPECT_EQ(query->from, Timestamp{1'700'000'000'000ms});
        EXPECT_EQ(query->to, Timestamp{1'700'000'000'001'999us}) << "the whole millisecond";
        EXPECT_THAT(
            conditions_of(*query),
            ElementsAre(
                condition(Column::source, "tiktok"), condition(Column::funnel_stage, "top"),
                condition(Column::event_type, "video.view"), condition(Column::campaign_id, "a&b"),
                condition(Column::country, "C\xC3\xB4te d'Ivoire"),
                condition(Column::city, "Abidjan"), condition(Column::age, "30..30"),
                condition(Column::age, "0..9223372036854775807"),
                condition(Column::age, "-9223372036854775808..150"),
                condition(Column::gender, "non-binary"), condition(Column::device, "Desktop"),
                condition(Column::followers, "9223372036854775807..9223372036854775807"),
                condition(Column::followers, "1..9223372036854775807"),
                condition(Column::followers, "-9223372036854775808..2")));
    }
}

TEST(ParseQuery, ReadsHowTheFiguresAreGivenApart) {
    for (const auto& [name, category] : kCategories) {
        const auto query =
            parse(category, "groupBy=campaignId,source&limit=1000&interval=day&tz=Europe/Berlin");
        ASSERT_TRUE(query.has_value()) << name;
        EXPECT_THAT(query->group_by, ElementsAre(Key::campaign_id, Key::source));
        EXPECT_EQ(query->limit, 1'000U);
        EXPECT_EQ(query->interval, Interval::day);
        EXPECT_EQ(query->time_zone, "Europe/Berlin");
        const auto all = parse(category,
                               "groupBy=source,funnelStage,eventType,campaignId,gender,ageGroup,"
                               "country,city,device,followersGroup");
        ASSERT_TRUE(all.has_value()) << name;
        EXPECT_THAT(all->group_by, SizeIs(kKeys.size()));
        EXPECT_EQ(all->limit, 100U);
    }
}

TEST(ParseQuery, GivesEqualQuestionsTheSameText) {
    const auto text = [](std::string_view query) { return parse(Category::events, query)->text; };
    EXPECT_EQ(text("source=tiktok&country=a%26b"), text("country=a%26b&source=tiktok"));
    EXPECT_EQ(text("country=%61"), text("country=a"));
    EXPECT_NE(text("country=a"), text("country=b"));
    EXPECT_NE(text("country=a&city=b"), text("country=a%26city%3Db"));
    EXPECT_NE(text("country=a"), text("city=a"));
}

TEST(ParseQuery, TakesTheEmptyText) {
    const auto query = parse(Category::events, "campaignId=&city");
    ASSERT_TRUE(query.has_value());
    ASSERT_THAT(query->conditions, SizeIs(2));
    for (const auto& condition : query->conditions) {
        EXPECT_EQ(std::get<std::string>(condition.value), "");
    }
}

TEST(ParseQuery, TakesEveryValueOfEachClosedSet) {
    for (const auto& type : event_types()) {
        const auto text = "source=" + std::string{type.source.name()} +
                          "&funnelStage=" + std::string{to_string(type.stage)} +
                          "&eventType=" + std::string{type.name};
        EXPECT_THAT(bad_names(Category::events, text), IsEmpty()) << text;
    }
    for (const auto& gender : facebook::kGenders) {
        EXPECT_THAT(bad_names(Category::demographics, "gender=" + std::string{gender}), IsEmpty());
    }
    for (const auto* device : {"mobile", "desktop", "Android", "iOS", "Desktop"}) {
        EXPECT_THAT(bad_names(Category::demographics, std::string{"device="} + device), IsEmpty());
    }
}

struct BadCase {
    std::string name;
    Category category;
    std::string query;
    std::vector<std::string> bad;

    friend std::ostream& operator<<(std::ostream& out, const BadCase& c) { return out << c.query; }
};

class BadQuery : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadQuery, NamesEveryBadParameterOnce) {
    const auto parsed = parse(GetParam().category, GetParam().query);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(bad_names(GetParam().category, GetParam().query), GetParam().bad);
    for (const auto& bad : parsed.error()) EXPECT_FALSE(bad.message.empty());
}

constexpr auto kE = Category::events;
constexpr auto kR = Category::revenue;
constexpr auto kD = Category::demographics;

INSTANTIATE_TEST_SUITE_P(
    Parameters, BadQuery,
    ::testing::Values(
        BadCase{"Unknown", kE, "colour=red", {"colour"}},
        BadCase{"UnknownTwice", kE, "colour=red&colour=blue", {"colour"}},
        BadCase{"UnknownInAnotherCase", kE, "From=1", {"From"}},
        BadCase{"WithoutAName", kE, "=1", {""}},
        BadCase{"KeyTwice", kR, "groupBy=source,source", {"groupBy"}},
        BadCase{"EmptyKey", kD, "groupBy=source,", {"groupBy"}},
        BadCase{"NoKey", kD, "groupBy=", {"groupBy"}},
        BadCase{"LimitTooLow", kE, "groupBy=source&limit=0", {"limit"}},
        BadCase{"LimitTooHigh", kE, "groupBy=source&limit=1001", {"limit"}},
        BadCase{"LimitIsNoNumber", kE, "groupBy=source&limit=5x", {"limit"}},
        BadCase{"LimitWithoutGroups", kD, "limit=5", {"limit"}},
        BadCase{"Interval", kE, "interval=year", {"interval"}},
        BadCase{"IntervalInDemographics", kD, "interval=second", {"interval"}},
        BadCase{"UnknownKey", kD, "groupBy=source,browser", {"groupBy"}},
        BadCase{"ZoneWithoutIntervalInDemographics", kD, "tz=UTC", {"tz"}},
        BadCase{"AgesTheWrongWayRoundInEvents", kE, "ageMin=31&ageMax=30&age=5", {"ageMax"}},
        BadCase{"UnknownZone", kE, "interval=day&tz=Mars/Olympus", {"tz"}},
        BadCase{"ZoneWithoutInterval", kE, "tz=UTC", {"tz"}},
        BadCase{"MoreBucketsThanAnyCount",
                kE,
                "from=-8640000000000000&to=8640000000000000&interval=day",
                {"interval"}},
        BadCase{"TooManyBuckets", kE, "from=0&to=700000000&interval=minute", {"interval"}},
        BadCase{"TooManyWeeks", kE, "from=0&to=6048700000000&interval=week", {"interval"}},
        BadCase{"TooManyMonths", kE, "from=0&to=26787000000000&interval=month", {"interval"}},
        BadCase{"Repeated", kE, "from=1&from=1", {"from"}},
        BadCase{"RepeatedAndBad", kE, "from=x&from=y", {"from"}},
        BadCase{"BrokenEncoding", kE, "from=%zz", {"from"}},
        BadCase{"EmptyTime", kE, "from=", {"from"}},
        BadCase{"NoTime", kE, "from=yesterday&to=2023-11-14", {"from", "to"}},
        BadCase{"ToEqualsFrom", kE, "from=5&to=5", {"to"}},
        BadCase{"ToBeforeFrom", kR, "from=6&to=5", {"to"}},
        BadCase{"ToBeforeFromInsideItsMillisecond",
                kD,
                "from=1970-01-01T00:00:00.000500Z&to=0",
                {"to"}},
        BadCase{"UnknownSource", kE, "source=instagram", {"source"}},
        BadCase{"SourceInAnotherCase", kE, "source=Facebook", {"source"}},
        BadCase{"UnknownStage", kE, "funnelStage=middle", {"funnelStage"}},
        BadCase{"UnknownType", kE, "eventType=ad.viewed", {"eventType"}},
        BadCase{"EmptyType", kR, "eventType=", {"eventType"}},
        BadCase{"TypeOfTheOtherSource", kE, "source=tiktok&eventType=ad.view", {"eventType"}},
        BadCase{"TypeOfTheOtherSourceInRevenue",
                kR,
                "eventType=purchase&source=facebook",
                {"eventType"}},
        BadCase{"TypeOfTheOtherStage", kE, "funnelStage=bottom&eventType=like", {"eventType"}},
        BadCase{"TypeOfTheOtherStageInTheSource",
                kE,
                "source=facebook&funnelStage=bottom&eventType=video.view",
                {"eventType"}},
        BadCase{"AgeTooHigh", kD, "age=151&ageMin=-1&ageMax=1.5", {"age", "ageMin", "ageMax"}},
        BadCase{"AgeNoNumber", kD, "age=&ageMin=+5&ageMax=0x5", {"age", "ageMin", "ageMax"}},
        BadCase{"AgesTheWrongWayRound", kD, "ageMin=31&ageMax=30", {"ageMax"}},
        BadCase{"Gender", kD, "gender=Male", {"gender"}},
        BadCase{"Device", kD, "device=android", {"device"}},
        BadCase{"Nul", kD, "country=a%00b", {"country"}},
        BadCase{"BadUtf8", kD, "city=%C3%28", {"city"}},
        BadCase{"TooLong", kR, "campaignId=" + std::string(1'025, 'x'), {"campaignId"}},
        BadCase{"FollowersBeyond64Bits", kD, "followers=9223372036854775808", {"followers"}},
        BadCase{"FollowersTheWrongWayRound", kD, "followersMin=2&followersMax=1", {"followersMax"}},
        BadCase{"Everything",
                kE,
                "x=1&from=a&to=b&source=c&funnelStage=d&eventType=e",
                {"x", "from", "to", "source", "funnelStage", "eventType"}}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(ParseQuery, TakesTheLimitsThemselves) {
    EXPECT_THAT(bad_names(kD, "ageMin=30&ageMax=30&followersMin=5&followersMax=5&age=150"),
                IsEmpty());
    EXPECT_THAT(bad_names(kR, "campaignId=" + std::string(1'024, 'x')), IsEmpty());
    EXPECT_THAT(bad_names(kE, "from=5&to=6"), IsEmpty());
    EXPECT_THAT(bad_names(kE, "from=8000000000000000&to=8000000000000001"), IsEmpty());
    EXPECT_THAT(bad_names(kE, "from=0&to=599999999&interval=minute"), IsEmpty())
        << "10,000 of them";
    EXPECT_THAT(bad_names(kE, "from=0&to=6047999999999&interval=week"), IsEmpty());
    EXPECT_THAT(bad_names(kE, "from=0&to=26000000000000&interval=month"), IsEmpty());
}

TEST(ParseQuery, ChecksAnEventTypeOfASourceThatIsBadAgainstAllSources) {
    EXPECT_THAT(bad_names(kE, "source=instagram&eventType=ad.view"), ElementsAre("source"));
    EXPECT_THAT(bad_names(kE, "funnelStage=middle&eventType=ad.view"), ElementsAre("funnelStage"));
}

TEST(ParseQuery, TakesATypeWithoutRevenueInTheRevenueReport) {
    EXPECT_THAT(bad_names(kR, "eventType=like"), IsEmpty());
}

}  // namespace
}  // namespace events::reporter
