#include "bench/results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::bench {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(FormatNumber, KeepsThreeDigitsThatCount) {
    EXPECT_EQ(format_number(0), "0");
    EXPECT_EQ(format_number(0.012345), "0.0123");
    EXPECT_EQ(format_number(1.2345), "1.23");
    EXPECT_EQ(format_number(98.76), "98.8");
    EXPECT_EQ(format_number(123456.7), "123457");
}

TEST(Case, DividesCpuTimeByEvents) {
    Case measured{"gateway", "one"};
    measured.add_cpu({{"gateway", 5ms}}, 1'000);
    EXPECT_DOUBLE_EQ(measured.median("gateway us/event"), 5);
}

TEST(Case, HasNoCpuFigureWithoutEvents) {
    Case measured{"gateway", "one"};
    measured.add_cpu({{"gateway", 5ms}}, 0);
    EXPECT_EQ(measured.find("gateway us/event"), nullptr);
}

TEST(Case, ComparesTheMedianWithTheCeiling) {
    Case measured{"gateway", "one"};
    for (const double rate : {10, 90, 50}) measured.add("events/s", rate);
    measured.compare("events/s", 200, "echo");
    ASSERT_TRUE(measured.ceiling());
    EXPECT_DOUBLE_EQ(measured.ceiling()->share, 0.25);
    EXPECT_EQ(measured.ceiling()->name, "echo");
}

TEST(Results, GroupsCasesBySectionAndShowsTheSpread) {
    Results results;
    for (const auto* section : {"one", "two", "one"}) {
        Case measured{section, "case"};
        measured.add("events/s", 1);
        measured.add("events/s", 3);
        results.add(std::move(measured));
    }
    const auto table = results.table();
    EXPECT_THAT(table, HasSubstr("1.00 (1.00..3.00)"));
    EXPECT_EQ(table.find("| one"), table.rfind("| one"));
    EXPECT_EQ(results.json().at(1).at("figures").at("events/s").at("max"), 3);
}

}  // namespace
}  // namespace events::bench
