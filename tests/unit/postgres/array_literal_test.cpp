#include "common/postgres/array_literal.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace events::postgres {
namespace {

using namespace std::chrono;

struct TextCase {
    const char* name;
    std::string_view text;
    std::string_view expected;
};

class ArrayLiteralText : public ::testing::TestWithParam<TextCase> {};

TEST_P(ArrayLiteralText, StaysOneElement) {
    ArrayLiteral array;
    array.add(GetParam().text);
    EXPECT_EQ(array.text(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, ArrayLiteralText,
    ::testing::Values(TextCase{"Plain", "abc", R"({"abc"})"}, TextCase{"Empty", "", R"({""})"},
                      TextCase{"TheWordNull", "NULL", R"({"NULL"})"},
                      TextCase{"Quotes", R"("a" "b")", R"({"\"a\" \"b\""})"},
                      TextCase{"Backslashes", R"(\a\\b\)", R"({"\\a\\\\b\\"})"},
                      TextCase{"BackslashBeforeQuote", R"(\")", R"({"\\\""})"},
                      TextCase{"BracesAndCommas", "{a,b},{}", R"({"{a,b},{}"})"},
                      TextCase{"SingleQuotes", "'; DROP TABLE x; --", R"({"'; DROP TABLE x; --"})"},
                      TextCase{"Whitespace", " \t\n", "{\" \t\n\"}"},
                      TextCase{"Unicode", "žluťoučký 🐎", R"({"žluťoučký 🐎"})"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ArrayLiteral, IsEmptyWithoutElements) {
    EXPECT_EQ(ArrayLiteral{}.text(), "{}");
}

TEST(ArrayLiteral, HoldsNullsBesideTexts) {
    ArrayLiteral array;
    array.add(std::optional<std::string_view>{});
    array.add(std::optional<std::string_view>{"NULL"});
    array.add_null();
    EXPECT_EQ(array.text(), R"({NULL,"NULL",NULL})");
}

TEST(ArrayLiteral, HoldsIntegersOfAnySize) {
    ArrayLiteral array;
    array.add(std::int16_t{-1});
    array.add(std::numeric_limits<std::int64_t>::max());
    array.add(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(array.text(), "{-1,9223372036854775807,-9223372036854775808}");
}

TEST(ArrayLiteral, StartsAnewAfterClear) {
    ArrayLiteral array;
    array.add("old");
    array.clear();
    EXPECT_EQ(array.text(), "{}");
    array.add("new");
    EXPECT_EQ(array.text(), R"({"new"})");
}

struct TimeCase {
    const char* name;
    Timestamp time;
    std::string_view expected;
};

class ArrayLiteralTime : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ArrayLiteralTime, IsWrittenAsPostgresReadsIt) {
    ArrayLiteral array;
    array.add(GetParam().time);
    EXPECT_EQ(array.text(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Times, ArrayLiteralTime,
    ::testing::Values(
        TimeCase{"Epoch", Timestamp{}, R"({"1970-01-01 00:00:00.000000+00"})"},
        TimeCase{"Microseconds", sys_days{2026y / 3 / 1} + 23h + 59min + 59s + 7us,
                 R"({"2026-03-01 23:59:59.000007+00"})"},
        TimeCase{"BeforeTheEpoch", Timestamp{} - 1us, R"({"1969-12-31 23:59:59.999999+00"})"},
        TimeCase{"YearOne", sys_days{1y / 1 / 1}, R"({"0001-01-01 00:00:00.000000+00"})"},
        TimeCase{"YearZeroIsOneBc", sys_days{0y / 2 / 29} + 1us,
                 R"({"0001-02-29 00:00:00.000001+00 BC"})"},
        TimeCase{"TheYearBeforeIt", sys_days{year{-1} / 12 / 31},
                 R"({"0002-12-31 00:00:00.000000+00 BC"})"},
        TimeCase{"FiveDigits", sys_days{10000y / 1 / 1} + 1h,
                 R"({"10000-01-01 01:00:00.000000+00"})"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace events::postgres
