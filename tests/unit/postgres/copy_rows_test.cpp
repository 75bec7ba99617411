#include "common/postgres/copy_rows.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::postgres {
namespace {

using namespace std::chrono;
using namespace std::string_literals;

/// The bytes of one row of one value, without what is around it.
template <typename Add>
std::string value(Add add) {
    CopyRows rows{1};
    rows.begin_row();
    add(rows);
    const std::string data{rows.data(0, 1)};
    EXPECT_TRUE(data.starts_with("\0\1"s));
    return data.substr(2);
}

std::string numeric(std::string_view decimal) {
    return value([&](CopyRows& rows) { rows.add_numeric(decimal); });
}

TEST(CopyRows, HasTheHeaderAndTheTrailerOfTheFormat) {
    EXPECT_EQ(CopyRows::kHeader, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s);
    EXPECT_EQ(CopyRows::kTrailer, "\377\377"s);
}

TEST(CopyRows, BeginsEachRowWithItsNumberOfValues) {
    CopyRows rows{2};
    for (const auto* text : {"a", "b"}) {
        rows.begin_row();
        rows.add(std::string_view{text});
        rows.add(std::nullopt);
    }
    EXPECT_EQ(rows.data(0, 2), "\0\2\0\0\0\1a\377\377\377\377"s + "\0\2\0\0\0\1b\377\377\377\377"s);
    EXPECT_EQ(rows.rows(), 2U);
}

TEST(CopyRows, GivesAnyOfItsRows) {
    CopyRows rows{1};
    for (const auto* text : {"a", "bc", "d"}) {
        rows.begin_row();
        rows.add(std::string_view{text});
    }
    EXPECT_EQ(rows.data(1, 1), "\0\1\0\0\0\2bc"s);
    EXPECT_EQ(rows.data(1, 2), "\0\1\0\0\0\2bc\0\1\0\0\0\1d"s);
    EXPECT_EQ(rows.data(2, 0), "");
    EXPECT_EQ(rows.data(3, 0), "");
}

TEST(CopyRows, StartsAnewAfterClear) {
    CopyRows rows{1};
    rows.begin_row();
    rows.add(std::string_view{"gone"});
    rows.clear();
    EXPECT_EQ(rows.rows(), 0U);
    EXPECT_EQ(rows.data(0, 0), "");
}

TEST(CopyRows, WritesEachTypeAsTheServerReceivesIt) {
    EXPECT_EQ(value([](CopyRows& rows) { rows.add(std::string_view{"a\0\"\\"s}); }),
              "\0\0\0\4a\0\"\\"s);
    EXPECT_EQ(value([](CopyRows& rows) { rows.add(std::string_view{}); }), "\0\0\0\0"s);
    EXPECT_EQ(value([](CopyRows& rows) { rows.add(std::int16_t{-2}); }), "\0\0\0\2\377\376"s);
    EXPECT_EQ(value([](CopyRows& rows) { rows.add(std::int64_t{0x0102030405060708}); }),
              "\0\0\0\10\1\2\3\4\5\6\7\10"s);
    EXPECT_EQ(value([](CopyRows& rows) { rows.add(std::optional<std::int16_t>{}); }),
              "\377\377\377\377"s);
}

TEST(CopyRows, CountsTimeInMicrosecondsFrom2000) {
    const auto time = [](Timestamp when) { return value([&](CopyRows& rows) { rows.add(when); }); };
    constexpr auto k2000 = sys_days{2000y / 1 / 1};
    EXPECT_EQ(time(k2000), "\0\0\0\10\0\0\0\0\0\0\0\0"s);
    EXPECT_EQ(time(k2000 + 258us), "\0\0\0\10\0\0\0\0\0\0\1\2"s);
    EXPECT_EQ(time(k2000 - 1us), "\0\0\0\10\377\377\377\377\377\377\377\377"s);
}

TEST(CopyRows, WritesADecimalInGroupsOfFourDigitsFromThePoint) {
    // Length, then groups, weight of the first one, sign, digits behind the point; then the groups.
    EXPECT_EQ(numeric("7"), "\0\0\0\12\0\1\0\0\0\0\0\0"s + "\0\7"s);
    EXPECT_EQ(numeric("12.5"), "\0\0\0\14\0\2\0\0\0\0\0\1"s + "\0\14\23\210"s);  // 12 5000
    EXPECT_EQ(numeric("12.05"), "\0\0\0\14\0\2\0\0\0\0\0\2"s + "\0\14\1\364"s);  // 12 0500
    EXPECT_EQ(numeric("70001.00"), "\0\0\0\14\0\2\0\1\0\0\0\2"s + "\0\7\0\1"s);  // 7 0001
    EXPECT_EQ(numeric("0012"), numeric("12"));
    EXPECT_EQ(numeric("0.01"), "\0\0\0\12\0\1\377\377\0\0\0\2"s + "\0\144"s);  // 0100
    EXPECT_EQ(numeric("0"), "\0\0\0\10\0\0\377\377\0\0\0\0"s);
    EXPECT_EQ(numeric("0.00"), "\0\0\0\10\0\0\377\377\0\0\0\2"s);
}

}  // namespace
}  // namespace events::postgres
