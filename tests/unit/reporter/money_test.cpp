#include "reporter/money.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace events::reporter {
namespace {

using segments::Cents128;

constexpr Cents128 kMost = std::numeric_limits<std::int64_t>::max();

struct AmountCase {
    Cents128 cents;
    std::string json;
};

class ToJsonAmount : public ::testing::TestWithParam<AmountCase> {};

TEST_P(ToJsonAmount, WritesExactlyTheCents) {
    EXPECT_EQ(to_json_amount(GetParam().cents), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Amounts, ToJsonAmount,
    ::testing::Values(AmountCase{0, "0.00"}, AmountCase{1, "0.01"}, AmountCase{10, "0.10"},
                      AmountCase{99, "0.99"}, AmountCase{100, "1.00"}, AmountCase{750, "7.50"},
                      AmountCase{123'456, "1234.56"}, AmountCase{-5, "-0.05"},
                      AmountCase{-100, "-1.00"}, AmountCase{99'999'999'999'999, "999999999999.99"},
                      // Beyond what a double can tell apart, and beyond 64 bits.
                      AmountCase{9'007'199'254'740'993, "90071992547409.93"},
                      AmountCase{kMost, "92233720368547758.07"},
                      AmountCase{kMost * 1'000'000 + 999'999, "92233720368547758079999.99"},
                      AmountCase{(kMost + 1) * (kMost + 1) * -2,
                                 "-1701411834604692317316873037158841057.28"}));

struct AverageCase {
    Cents128 cents;
    std::int64_t count;
    std::string average;
};

class AverageAmount : public ::testing::TestWithParam<AverageCase> {};

TEST_P(AverageAmount, RoundsHalvesAwayFromZero) {
    EXPECT_EQ(average_amount(GetParam().cents, GetParam().count), GetParam().average);
}

INSTANTIATE_TEST_SUITE_P(
    Averages, AverageAmount,
    ::testing::Values(AverageCase{0, 3, "0.00"}, AverageCase{1'000, 1, "10.00"},
                      AverageCase{1'000, 3, "3.33"}, AverageCase{2'000, 3, "6.67"},
                      AverageCase{1, 2, "0.01"}, AverageCase{1, 3, "0.00"},
                      AverageCase{3, 2, "0.02"}, AverageCase{-1, 2, "-0.01"},
                      AverageCase{-1, 3, "0.00"}, AverageCase{-2, 3, "-0.01"},
                      AverageCase{1'999, 2, "10.00"}, AverageCase{19'999, 2, "100.00"},
                      // One part in 10^17 below a half: a division with 16 digits rounds it up.
                      AverageCase{49'999'999'999'999'999, 100'000'000'000'000'000, "0.00"},
                      AverageCase{50'000'000'000'000'000, 100'000'000'000'000'000, "0.01"},
                      AverageCase{kMost * 1'000'000, 2, "46116860184273879035000.00"},
                      AverageCase{kMost, std::numeric_limits<std::int64_t>::max(), "0.01"}));

}  // namespace
}  // namespace events::reporter
