#include "common/events/time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>

namespace events {
namespace {

using namespace std::chrono_literals;

struct TimeCase {
    std::string name;
    std::string text;
    std::string utc;  ///< as format_timestamp writes it; empty: not a date-time
};

void PrintTo(const TimeCase& row, std::ostream* out) {
    *out << row.name;
}

class ParseTimestamp : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ParseTimestamp, ReadsTheInstantOrNothing) {
    const auto time = parse_timestamp(GetParam().text);
    EXPECT_EQ(time ? format_timestamp(*time) : "", GetParam().utc) << GetParam().text;
}

std::string case_name(const ::testing::TestParamInfo<TimeCase>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    Valid, ParseTimestamp,
    ::testing::Values(
        TimeCase{"Plain", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000Z"},
        TimeCase{"SmallLetters", "2026-03-01t12:00:00z", "2026-03-01T12:00:00.000000Z"},
        TimeCase{"BlankForT", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00.000000Z"},
        TimeCase{"OffsetWithoutColon", "2026-03-01T12:00:00.5+0200", "2026-03-01T10:00:00.500000Z"},
        TimeCase{"AsPythonWritesIt", "2026-03-01 12:00:00.123456-0530",
                 "2026-03-01T17:30:00.123456Z"},
        TimeCase{"OneDigit", "2026-03-01T12:00:00.1Z", "2026-03-01T12:00:00.100000Z"},
        TimeCase{"Milliseconds", "2026-03-01T12:00:00.123Z", "2026-03-01T12:00:00.123000Z"},
        TimeCase{"Microseconds", "2026-03-01T12:00:00.000001Z", "2026-03-01T12:00:00.000001Z"},
        TimeCase{"CutNotRounded", "2026-03-01T12:00:00.999999999Z", "2026-03-01T12:00:00.999999Z"},
        TimeCase{"EastOfUtc", "2026-03-01T01:30:00+02:00", "2026-02-28T23:30:00.000000Z"},
        TimeCase{"WestOfUtc", "2026-12-31T23:30:00-05:30", "2027-01-01T05:00:00.000000Z"},
        TimeCase{"UnknownOffset", "2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00.000000Z"},
        TimeCase{"LargestOffset", "2026-03-01T12:00:00+23:59", "2026-02-28T12:01:00.000000Z"},
        TimeCase{"FractionAndOffset", "2026-03-01T12:00:00.5+01:00", "2026-03-01T11:00:00.500000Z"},
        TimeCase{"LeapDay", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
        TimeCase{"LeapDayOf2000", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
        TimeCase{"LeapSecond", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
        TimeCase{"LeapSecondWithFraction", "2016-12-31T23:59:60.25Z",
                 "2017-01-01T00:00:00.250000Z"},
        TimeCase{"LeapSecondElsewhere", "2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00.000000Z"},
        TimeCase{"BeforeTheEpoch", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        TimeCase{"FirstYear", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"},
        TimeCase{"YearZero", "0000-03-01T00:00:00Z", "0001-03-01T00:00:00.000000Z BC"},
        TimeCase{"BeforeYearZero", "0000-01-01T00:00:00+01:00", "0002-12-31T23:00:00.000000Z BC"},
        TimeCase{"LastYear", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
        TimeCase{"BehindTheLastYear", "9999-12-31T23:59:59-01:00", "10000-01-01T00:59:59.000000Z"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Malformed, ParseTimestamp,
    ::testing::Values(TimeCase{"Empty", "", ""}, TimeCase{"Words", "not-a-date", ""},
                      TimeCase{"DateOnly", "2026-03-01", ""},
                      TimeCase{"NoOffset", "2026-03-01T12:00:00", ""},
                      TimeCase{"NoSeconds", "2026-03-01T12:00Z", ""},
                      TimeCase{"TwoBlanks", "2026-03-01  12:00:00Z", ""},
                      TimeCase{"TabForT", "2026-03-01\t12:00:00Z", ""},
                      TimeCase{"BlankBeforeOffset", "2026-03-01 12:00:00 +0200", ""},
                      TimeCase{"NothingForT", "2026-03-0112:00:00Z", ""},
                      TimeCase{"SpaceBefore", " 2026-03-01T12:00:00Z", ""},
                      TimeCase{"SpaceBehind", "2026-03-01T12:00:00Z ", ""},
                      TimeCase{"February30", "2026-02-30T12:00:00Z", ""},
                      TimeCase{"NoLeapYear", "2026-02-29T12:00:00Z", ""},
                      TimeCase{"NoLeapYear1900", "1900-02-29T12:00:00Z", ""},
                      TimeCase{"April31", "2026-04-31T12:00:00Z", ""},
                      TimeCase{"Month13", "2026-13-01T12:00:00Z", ""},
                      TimeCase{"Month0", "2026-00-01T12:00:00Z", ""},
                      TimeCase{"Day0", "2026-03-00T12:00:00Z", ""},
                      TimeCase{"Day32", "2026-03-32T12:00:00Z", ""},
                      TimeCase{"Hour24", "2026-03-01T24:00:00Z", ""},
                      TimeCase{"Minute60", "2026-03-01T12:60:00Z", ""},
                      TimeCase{"Second61", "2026-03-01T12:00:61Z", ""},
                      TimeCase{"LeapSecondAtNoon", "2016-12-31T12:00:60Z", ""},
                      TimeCase{"LeapSecondLocalOnly", "2016-12-31T23:59:60+01:00", ""},
                      TimeCase{"NoFraction", "2026-03-01T12:00:00.Z", ""},
                      TimeCase{"TenthDigit", "2026-03-01T12:00:00.1234567890Z", ""},
                      TimeCase{"CommaFraction", "2026-03-01T12:00:00,5Z", ""},
                      TimeCase{"OffsetOfOneColon", "2026-03-01T12:00:00+02:", ""},
                      TimeCase{"OffsetOfThreeDigits", "2026-03-01T12:00:00+020", ""},
                      TimeCase{"OffsetWithSeconds", "2026-03-01T12:00:00+02:00:00", ""},
                      TimeCase{"OffsetWithoutMinutes", "2026-03-01T12:00:00+02", ""},
                      TimeCase{"Offset24", "2026-03-01T12:00:00+24:00", ""},
                      TimeCase{"OffsetMinute60", "2026-03-01T12:00:00+01:60", ""},
                      TimeCase{"TwoOffsets", "2026-03-01T12:00:00Z+01:00", ""},
                      TimeCase{"FiveDigitYear", "12026-03-01T12:00:00Z", ""},
                      TimeCase{"TwoDigitYear", "26-03-01T12:00:00Z", ""},
                      TimeCase{"NegativeYear", "-026-03-01T12:00:00Z", ""},
                      TimeCase{"SignInANumber", "2026-+3-01T12:00:00Z", ""},
                      TimeCase{"ShortNumbers", "2026-3-1T12:00:00Z", ""},
                      TimeCase{"Slashes", "2026/03/01T12:00:00Z", ""},
                      TimeCase{"EpochMilliseconds", "1772366400000", ""},
                      TimeCase{"BeforeChrist", "0001-03-01T00:00:00Z BC", ""},
                      TimeCase{"NulBehind", std::string("2026-03-01T12:00:00Z\0", 21), ""}),
    case_name);

TEST(Timestamp, IsReadBackAsItWasWritten) {
    std::mt19937_64 random{20260301};
    const auto first = parse_timestamp("0001-01-01T00:00:00Z");
    const auto last = parse_timestamp("9999-12-31T23:59:59.999999Z");
    ASSERT_TRUE(first && last);
    std::uniform_int_distribution<std::int64_t> micros{first->time_since_epoch().count(),
                                                       last->time_since_epoch().count()};
    for (int i = 0; i < 20'000; ++i) {
        const Timestamp time{std::chrono::microseconds{micros(random)}};
        const auto text = format_timestamp(time);
        ASSERT_EQ(parse_timestamp(text), time) << text;
    }
}

TEST(Timestamp, MeansTheSameInstantWithAnyOffset) {
    std::mt19937_64 random{7};
    for (int i = 0; i < 5'000; ++i) {
        const Timestamp time{std::chrono::seconds{random() % 4'000'000'000U}};
        const int minutes = static_cast<int>(random() % 2879) - 1439;  // -23:59 to +23:59
        auto text = format_timestamp(time + std::chrono::minutes{minutes});
        text.pop_back();
        text += fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                            i % 2 == 0 ? ":" : "", std::abs(minutes) % 60);
        ASSERT_EQ(parse_timestamp(text), time) << text;
    }
}

TEST(Timestamp, OfADamagedTextIsNeverReadAsAnotherShape) {
    // A byte changed at random either spoils the text or gives one that is written the same way.
    std::mt19937_64 random{99};
    const std::string good = "2026-03-01T12:34:56.123456Z";
    for (int i = 0; i < 20'000; ++i) {
        auto text = good;
        text[random() % text.size()] = static_cast<char>(random());
        const auto time = parse_timestamp(text);
        if (!time) continue;
        for (auto& c : text) c = c == 'z' ? 'Z' : c;
        if (text[10] == 't' || text[10] == ' ') text[10] = 'T';
        ASSERT_EQ(format_timestamp(*time), text);
    }
}

}  // namespace
}  // namespace events
