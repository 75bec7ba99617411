#include "common/events/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <random>
#include <string>

namespace events {
namespace {

struct AmountCase {
    std::string name;
    std::string text;
    std::optional<std::int64_t> cents;
};

void PrintTo(const AmountCase& row, std::ostream* out) {
    *out << row.name;
}

class ParseAmount : public ::testing::TestWithParam<AmountCase> {};

TEST_P(ParseAmount, ReadsExactCentsOrNothing) {
    const auto& [name, text, cents] = GetParam();
    EXPECT_EQ(parse_amount(text), cents ? std::optional{Cents{*cents}} : std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ParseAmount,
    ::testing::Values(AmountCase{"WholeUnits", "12", 1200}, AmountCase{"OneDecimal", "12.5", 1250},
                      AmountCase{"TwoDecimals", "0.07", 7}, AmountCase{"Zero", "0", 0},
                      AmountCase{"LeadingZeros", "000000000001.10", 110},
                      AmountCase{"Largest", "999999999999.99", 99'999'999'999'999},
                      AmountCase{"ThirteenDigits", "1000000000000", {}},
                      AmountCase{"ThirteenDigitsWithDecimals", "0000000000000.1", {}},
                      AmountCase{"Empty", "", {}}, AmountCase{"PointOnly", ".", {}},
                      AmountCase{"NoWholePart", ".5", {}}, AmountCase{"NoDecimals", "1.", {}},
                      AmountCase{"ThirdDecimal", "1.234", {}}, AmountCase{"Exponent", "1e3", {}},
                      AmountCase{"Minus", "-1", {}}, AmountCase{"Plus", "+1", {}},
                      AmountCase{"SpaceBefore", " 1", {}}, AmountCase{"SpaceBehind", "1 ", {}},
                      AmountCase{"LineBreakBehind", "1.00\n", {}}, AmountCase{"Comma", "1,50", {}},
                      AmountCase{"Thousands", "1,000.00", {}}, AmountCase{"TwoPoints", "1.2.3", {}},
                      AmountCase{"Letters", "abc", {}}, AmountCase{"Hex", "0x10", {}},
                      AmountCase{"NotANumber", "NaN", {}}, AmountCase{"Currency", "1.00 EUR", {}},
                      AmountCase{"NulBehind", std::string("1\0", 2), {}},
                      AmountCase{"OtherDigits", "\xD9\xA1\xD9\xA2", {}}),
    [](const auto& row) { return row.param.name; });

TEST(FormatAmount, AlwaysWritesTwoDecimals) {
    EXPECT_EQ(format_amount(Cents{0}), "0.00");
    EXPECT_EQ(format_amount(Cents{7}), "0.07");
    EXPECT_EQ(format_amount(Cents{1250}), "12.50");
    EXPECT_EQ(format_amount(Cents{99'999'999'999'999}), "999999999999.99");
}

TEST(FormatAmount, WritesNegativeAmountsDownToTheSmallest) {
    EXPECT_EQ(format_amount(Cents{-1}), "-0.01");
    EXPECT_EQ(format_amount(Cents{-1250}), "-12.50");
    EXPECT_EQ(format_amount(Cents{std::numeric_limits<std::int64_t>::min()}),
              "-92233720368547758.08");
}

TEST(Amount, IsReadBackAsItWasWritten) {
    std::mt19937_64 random{20260301};
    std::uniform_int_distribution<std::int64_t> any{0, 99'999'999'999'999};
    for (int i = 0; i < 20'000; ++i) {
        const auto cents = i < 2'000 ? i : any(random) >> random() % 46;
        const auto text = format_amount(Cents{cents});
        const auto read = parse_amount(text);
        ASSERT_TRUE(read) << text;
        ASSERT_EQ(static_cast<std::int64_t>(*read), cents) << text;
    }
}

}  // namespace
}  // namespace events
