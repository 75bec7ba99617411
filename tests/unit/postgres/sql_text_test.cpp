#include "common/postgres/sql_text.hpp"

#include "common/postgres/segment_store.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace events::postgres {
namespace {

using segments::Cents128;

TEST(SqlText, WritesTimesOfEveryYear) {
    const std::pair<std::int64_t, std::string> cases[]{
        {0, "1970-01-01 00:00:00.000000+00"},
        {-1, "1969-12-31 23:59:59.999999+00"},
        {1'772'366'400'123'456, "2026-03-01 12:00:00.123456+00"},
        {-62'135'596'800'000'000, "0001-01-01 00:00:00.000000+00"},
        {-62'135'596'800'000'001, "0001-12-31 23:59:59.999999+00 BC"},
        {1'009'853'999'999'999'999, "33970-12-31 23:59:59.999999+00"},
        {kEnd, "infinity"},
        {kBeginning, "-infinity"},
        {std::numeric_limits<std::int64_t>::min(), "-infinity"}};
    for (const auto& [time, text] : cases) EXPECT_EQ(time_text(time), text);
}

TEST(SqlText, WritesAndReadsAmounts) {
    const auto dearest = Cents128{std::numeric_limits<std::int64_t>::max()} * 1'000'000'000;
    const std::pair<Cents128, std::string> cases[]{
        {0, "0.00"},        {5, "0.05"},
        {-5, "-0.05"},      {1'250, "12.50"},
        {-1'200, "-12.00"}, {100, "1.00"},
        {-101, "-1.01"},    {dearest, "92233720368547758070000000.00"}};
    for (const auto& [cents, text] : cases) {
        EXPECT_EQ(amount_text(cents), text);
        EXPECT_TRUE(read_amount(text) == cents) << text;
    }
}

TEST(SqlText, ReadsAmountsOfAnyScale) {
    EXPECT_TRUE(read_amount("12") == Cents128{1'200});
    EXPECT_TRUE(read_amount("12.5") == Cents128{1'250});
    EXPECT_TRUE(read_amount("-12.5000") == Cents128{-1'250});
    for (const auto* none : {"", "-", ".5", "12.505", "NaN", "Infinity", "-Infinity", "1e3", "1 ",
                             "9999999999999999999999999999999999999"}) {
        EXPECT_FALSE(read_amount(none)) << none;
    }
}

TEST(SqlText, ReadsBytes) {
    EXPECT_TRUE(read_bytea("\\x").empty());
    EXPECT_EQ(read_bytea("\\x00ff7a"),
              (std::vector{std::byte{0}, std::byte{0xff}, std::byte{0x7a}}));
}

}  // namespace
}  // namespace events::postgres
