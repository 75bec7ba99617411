#include "reporter/parse_query.hpp"

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

TEST(ParseQuery, AsksForEverythingWithoutParameters) {
    for (const auto& [name, category] : kCategories) {
        const auto query = parse(category, "");
        ASSERT_TRUE(query.has_value()) << name;
        EXPECT_EQ(query->category, category);
        EXPECT_FALSE(query->from || query->to || query->source);
        EXPECT_THAT(query->conditions, IsEmpty());
    }
}

TEST(ParseQuery, ReadsTheParametersOfTheEventsReport) {
    const auto query = parse(Category::events,
                             "eventType=video.view&funnelStage=top&source=tiktok"
                             "&to=1700000000001&from=2023-11-14T22%3A13%3A20Z");
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->from, Timestamp{1'700'000'000'000ms});
    EXPECT_EQ(query->to, Timestamp{1'700'000'000'001'999us}) << "the whole millisecond";
    EXPECT_EQ(query->source, Source::tiktok);
    EXPECT_EQ(query->stage, FunnelStage::top);
    EXPECT_EQ(query->event_type, "video.view");
}

TEST(ParseQuery, ReadsTheParametersOfTheRevenueReport) {
    const auto query =
        parse(Category::revenue, "source=facebook&eventType=checkout.complete&campaignId=a%26b");
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->event_type, "checkout.complete");
    EXPECT_EQ(query->campaign_id, "a&b");
}

TEST(ParseQuery, ReadsTheParametersOfTheDemographicsReport) {
    const auto query =
        parse(Category::demographics,
              "age=30&ageMin=0&ageMax=150&gender=non-binary&country=C%C3%B4te+d'Ivoire&city=Abidjan"
              "&followers=9223372036854775807&followersMin=1&followersMax=2&device=Desktop");
    ASSERT_TRUE(query.has_value());
    const auto number = [](std::int64_t value) { return value; };
    EXPECT_THAT(query->conditions,
                ElementsAre(Condition{Column::age, Comparison::equal, number(30)},
                            Condition{Column::age, Comparison::at_least, number(0)},
                            Condition{Column::age, Comparison::at_most, number(150)},
                            Condition{Column::gender, Comparison::equal, "non-binary"},
                            Condition{Column::country, Comparison::equal, "C\xC3\xB4te d'Ivoire"},
                            Condition{Column::city, Comparison::equal, "Abidjan"},
                            Condition{Column::followers, Comparison::equal,
                                      number(9'223'372'036'854'775'807)},
                            Condition{Column::followers, Comparison::at_least, number(1)},
                            Condition{Column::followers, Comparison::at_most, number(2)},
                            Condition{Column::device, Comparison::equal, "Desktop"}));
}

TEST(ParseQuery, ReadsHowTheFiguresAreGivenApart) {
    const auto query = parse(Category::revenue,
                             "groupBy=campaignId,source&limit=1000&interval=day&tz=Europe/Berlin");
    ASSERT_TRUE(query.has_value());
    EXPECT_THAT(query->group_by, ElementsAre(Key::campaign_id, Key::source));
    EXPECT_EQ(query->limit, 1'000U);
    EXPECT_EQ(query->interval, Interval::day);
    EXPECT_EQ(query->time_zone, "Europe/Berlin");
    const auto people = parse(Category::demographics,
                              "groupBy=source,gender,ageGroup,country,city,device,followersGroup");
    ASSERT_TRUE(people.has_value());
    EXPECT_THAT(people->group_by, SizeIs(7));
    EXPECT_EQ(people->limit, 100U);
}

TEST(ParseQuery, TakesEveryValueOfEachClosedSet) {
    for (const auto& type : kEventTypes) {
        const auto text = "source=" + std::string{to_string(type.source)} +
                          "&funnelStage=" + std::string{to_string(type.stage)} +
                          "&eventType=" + std::string{type.name};
        EXPECT_THAT(bad_names(Category::events, text), IsEmpty()) << text;
    }
    for (const auto& gender : kGenders) {
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
        BadCase{"KeyOfAnotherReport", kE, "groupBy=source,gender", {"groupBy"}},
        BadCase{"KeyTwice", kR, "groupBy=source,source", {"groupBy"}},
        BadCase{"EmptyKey", kD, "groupBy=source,", {"groupBy"}},
        BadCase{"NoKey", kD, "groupBy=", {"groupBy"}},
        BadCase{"LimitTooLow", kE, "groupBy=source&limit=0", {"limit"}},
        BadCase{"LimitTooHigh", kE, "groupBy=source&limit=1001", {"limit"}},
        BadCase{"LimitIsNoNumber", kE, "groupBy=source&limit=5x", {"limit"}},
        BadCase{"LimitWithoutGroups", kD, "limit=5", {"limit"}},
        BadCase{"Interval", kE, "interval=week", {"interval"}},
        BadCase{"IntervalInDemographics", kD, "interval=day&tz=UTC", {"interval", "tz"}},
        BadCase{"UnknownZone", kE, "interval=day&tz=Mars/Olympus", {"tz"}},
        BadCase{"ZoneWithoutInterval", kE, "tz=UTC", {"tz"}},
        BadCase{"MoreBucketsThanAnyCount",
                kE,
                "from=-8640000000000000&to=8640000000000000&interval=day",
                {"interval"}},
        BadCase{"TooManyBuckets", kE, "from=0&to=700000000&interval=minute", {"interval"}},
        BadCase{"AgeInEvents", kE, "age=5", {"age"}},
        BadCase{"StageInRevenue", kR, "funnelStage=top", {"funnelStage"}},
        BadCase{"CampaignInEvents", kE, "campaignId=c", {"campaignId"}},
        BadCase{"EventTypeInDemographics", kD, "eventType=like", {"eventType"}},
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
        BadCase{"EmptyTexts", kD, "country=&city", {"country", "city"}},
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
