#include "reporter/money.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace events::reporter {
namespace {

struct AmountCase {
    std::string numeric;
    std::string json;
};

class ToJsonAmount : public ::testing::TestWithParam<AmountCase> {};

TEST_P(ToJsonAmount, WritesExactlyTheCents) {
    EXPECT_EQ(to_json_amount(GetParam().numeric), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Amounts, ToJsonAmount,
    ::testing::Values(AmountCase{"0", "0.00"}, AmountCase{"0.00", "0.00"},
                      AmountCase{"0.01", "0.01"}, AmountCase{"0.10", "0.10"},
                      AmountCase{"7", "7.00"}, AmountCase{"7.5", "7.50"},
                      AmountCase{"007.50", "7.50"}, AmountCase{"1234.56", "1234.56"},
                      AmountCase{"-0.05", "-0.05"}, AmountCase{"-0.00", "0.00"},
                      AmountCase{"999999999999.99", "999999999999.99"},
                      // Beyond what a double can tell apart, and beyond 64 bits.
                      AmountCase{"90071992547409.93", "90071992547409.93"},
                      AmountCase{"99999999999999999999999.99", "99999999999999999999999.99"}));

TEST(ToJsonAmountErrors, RefusesWhatIsNoAmountInCents) {
    for (const auto* text : {"", ".", ".5", "-", "NaN", "Infinity", "1.234", "1e3", "1,5", " 1"}) {
        EXPECT_THROW((void)to_json_amount(text), std::invalid_argument) << text;
    }
}

struct AverageCase {
    std::string sum;
    std::string count;
    std::string average;
};

class AverageAmount : public ::testing::TestWithParam<AverageCase> {};

TEST_P(AverageAmount, RoundsHalvesAwayFromZero) {
    EXPECT_EQ(average_amount(GetParam().sum, GetParam().count), GetParam().average);
}

INSTANTIATE_TEST_SUITE_P(
    Averages, AverageAmount,
    ::testing::Values(AverageCase{"0", "3", "0.00"}, AverageCase{"10", "1", "10.00"},
                      AverageCase{"10", "3", "3.33"}, AverageCase{"20", "3", "6.67"},
                      AverageCase{"0.01", "2", "0.01"}, AverageCase{"0.01", "3", "0.00"},
                      AverageCase{"0.03", "2", "0.02"}, AverageCase{"-0.01", "2", "-0.01"},
                      AverageCase{"-0.01", "3", "0.00"}, AverageCase{"19.99", "2", "10.00"},
                      AverageCase{"199.99", "2", "100.00"},
                      AverageCase{"1999999999999.99", "2", "1000000000000.00"},
                      // One part in 10^17 below a half: a division with 16 digits rounds it up.
                      AverageCase{"499999999999999.99", "100000000000000000", "0.00"},
                      AverageCase{"500000000000000.00", "100000000000000000", "0.01"},
                      AverageCase{"99999999999999999999999.98", "2",
                                  "49999999999999999999999.99"}));

TEST(AverageAmountErrors, RefusesACountThatIsNone) {
    for (const auto* count : {"", "0", "-1", "x", "1000000000000000000"}) {
        EXPECT_THROW((void)average_amount("1", count), std::invalid_argument) << count;
    }
}

}  // namespace
}  // namespace events::reporter
