#include "common/segments/merge.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "unit/segments/recount.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace events::segments {
namespace {

constexpr std::int64_t kAnHour = 3'600'000'000;
constexpr std::int64_t kADay = 24 * kAnHour;

/// A run from 10:20 to 12:40 of the first day.
const RunInfo kRun{.source = kFacebook,
                   .times = {10 * kAnHour + kAnHour / 3, 12 * kAnHour + 2 * kAnHour / 3},
                   .rows = 7,
                   .has_sums = true};

struct NeedCase {
    const char* name;
    Question question;
    Need need;
};

class NeedOf : public ::testing::TestWithParam<NeedCase> {};

TEST_P(NeedOf, IsKnownFromTheCatalogue) {
    EXPECT_EQ(need_of(GetParam().question, kRun), GetParam().need);
}

Question in_buckets(std::vector<std::int64_t> buckets) {
    return {.buckets = std::move(buckets)};
}

Question with(Column column, std::string text) {
    return {.conditions = {{column, std::move(text)}}};
}

INSTANTIATE_TEST_SUITE_P(
    Questions, NeedOf,
    ::testing::Values(
        NeedCase{"Total", {}, Need::sums},
        NeedCase{"Users", {.figure = Figure::users}, Need::parts},
        NeedCase{"ByType", {.keys = {{Column::event_type}, {Column::source}}}, Need::sums},
        NeedCase{"ByCountry", {.keys = {{Column::country}}}, Need::parts},
        NeedCase{"OfAStage", with(Column::funnel_stage, "top"), Need::sums},
        NeedCase{"OfACity", with(Column::city, "Paris"), Need::parts},
        NeedCase{"OfTheOtherSource", with(Column::source, "tiktok"), Need::nothing},
        NeedCase{"FromAWholeHour", {.from = 11 * kAnHour}, Need::sums},
        NeedCase{"FromWithinAnHour", {.from = 11 * kAnHour + 1}, Need::parts},
        NeedCase{"FromBeforeTheFirstEvent", {.from = kRun.times.first}, Need::sums},
        NeedCase{"FromAfterTheFirstEvent", {.from = kRun.times.first + 1}, Need::parts},
        NeedCase{"ToTheEndOfAnHour", {.to = 12 * kAnHour - 1}, Need::sums},
        NeedCase{"ToWithinAnHour", {.to = 12 * kAnHour}, Need::parts},
        NeedCase{"ToTheLastEvent", {.to = kRun.times.last}, Need::sums},
        NeedCase{"Before", {.to = kRun.times.first - 1}, Need::nothing},
        NeedCase{"After", {.from = kRun.times.last + 1}, Need::nothing},
        NeedCase{"ByHour", in_buckets({0, 10 * kAnHour, 11 * kAnHour, 12 * kAnHour}), Need::sums},
        NeedCase{"CutInTheMiddle", in_buckets({0, 11 * kAnHour + kAnHour / 2}), Need::parts},
        NeedCase{"CutElsewhere", in_buckets({1, kAnHour / 2, 13 * kAnHour + 7}), Need::sums},
        // What is before the first bucket is the first one's.
        NeedCase{"FirstInTheMiddle", in_buckets({11 * kAnHour + kAnHour / 2}), Need::sums}),
    [](const auto& test) { return test.param.name; });

Sample at(std::int64_t time, std::string type = "like") {
    return {.source = kTikTok,
            .user_id = "u",
            .time = time,
            .funnel_stage = "top",
            .event_type = std::move(type)};
}

// The partitions' bounds are the spans; a segment of several days has a share of each.
TEST(Encode, TellsTheShareOfEachSpanThatHasRows) {
    auto purchase = at(kADay + kAnHour, "purchase");
    purchase.revenue = 250;
    auto removal = at(3 * kADay);
    removal.taken_back = true;
    const std::vector samples{at(-5), at(kADay - 1), purchase, at(kADay + 7), removal};
    const std::vector<std::int64_t> spans{0, kADay, 2 * kADay, 3 * kADay};
    const auto segment = encode(kTikTok, records_of(samples), {}, spans).value();
    ASSERT_EQ(segment.shares.size(), 3U);
    EXPECT_EQ(segment.shares[0].times, (TimeRange{-5, kADay - 1}));
    EXPECT_EQ(segment.shares[1].times, (TimeRange{kADay + 7, kADay + kAnHour}));
    EXPECT_EQ(segment.shares[1].rows, 2U);
    EXPECT_FALSE(segment.shares[1].is_signed);
    EXPECT_TRUE(segment.shares[2].is_signed);
    const std::vector<HourSum> sums{
        {.hour = 24, .kind = 0, .events = 1},
        {.hour = 25, .kind = 1, .events = 1, .orders = 1, .cents = 250}};
    EXPECT_EQ(segment.shares[1].sums.hours, sums);
    EXPECT_EQ(segment.shares[1].sums.kinds,
              (std::vector<EventKind>{{"top", "like"}, {"top", "purchase"}}));
    EXPECT_EQ(segment.shares[2].sums.hours.front().events, -1);
}

TEST(Merge, TakesEachInputsShareOnly) {
    const std::vector samples{at(0), at(kADay), at(2 * kADay)};
    const auto segment = segment_of(samples);
    Merge merge{
        kTikTok, {input_of(segment, {0, 1}), input_of(segment, {2 * kADay, 2 * kADay})}, {}};
    const auto part = merge.next();
    ASSERT_TRUE(part);
    EXPECT_FALSE(merge.next());
    EXPECT_EQ(merge.share().rows, 2U);
    EXPECT_EQ(merge.share().times, (TimeRange{0, 2 * kADay}));
    EXPECT_EQ(merge.share().sums, part->shares.front().sums);
}

TEST(Scan, RefusesARunWithoutThePartsThatItNeeds) {
    auto input = scan_input(segment_of(std::vector{at(0)}));
    input.parts.clear();
    EXPECT_THROW((void)scan({}, std::vector{input}, {}), std::invalid_argument);
}

// Groups that would fill the memory end the question.
TEST(Scan, EndsAQuestionOfTooManyGroups) {
    std::vector<Sample> samples;
    for (int i = 0; i < 400; ++i) {
        samples.push_back({.source = kFacebook, .user_id = "u", .event_type = "ad.view"});
        samples.back().city = fmt::format("city {}", i / 20);
        samples.back().country = fmt::format("country {}", i % 20);
        samples.back().campaign_id = fmt::format("campaign {}", i % 20);
    }
    const std::vector inputs{scan_input(segment_of(samples))};
    for (const auto figure : {Figure::events, Figure::users}) {
        Question question{.figure = figure,
                          .keys = {{Column::city}, {Column::country}, {Column::campaign_id}},
                          .limit = 1'000,
                          .max_groups = 400};
        EXPECT_EQ(scan(question, inputs, {}), recount(question, samples));
        question.max_groups = 399;
        EXPECT_THROW((void)scan(question, inputs, {}), TooManyGroups);
        question.conditions = {{Column::campaign_id, "campaign 7"}};
        EXPECT_EQ(scan(question, inputs, {}).groups.size(), 20U);
    }
}

// What was checked in full when it was written needs no look at its columns.
TEST(Decode, LooksAtTheDirectoryAloneWhereItIsAsked) {
    Dice dice{12};
    std::vector<Sample> samples;
    for (int i = 0; i < 500; ++i) samples.push_back(random_sample(dice, kFacebook));
    const auto bytes = encode(kFacebook, records_of(samples), {}).value().bytes;
    const auto segment = Segment::decode(blob_of(bytes), Check::directory);
    ASSERT_TRUE(segment);
    const std::vector inputs{scan_input(*segment)};
    for (int i = 0; i < 50; ++i) {
        const auto question = random_question(dice);
        EXPECT_EQ(scan(question, inputs, {}), recount(question, samples)) << question;
    }
    for (std::size_t byte = 0; byte < 64; ++byte) {
        auto flipped = bytes;
        flipped[byte] ^= std::byte{4};
        EXPECT_FALSE(Segment::decode(blob_of(std::move(flipped)), Check::directory));
    }
}

}  // namespace
}  // namespace events::segments
