#include "reporter/time_parameter.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

namespace events::reporter {
namespace {

using std::chrono::microseconds;

struct InstantCase {
    std::string name;
    std::string text;
    std::int64_t first;  ///< microseconds since the epoch
    std::int64_t last;

    friend std::ostream& operator<<(std::ostream& out, const InstantCase& c) {
        return out << c.text;
    }
};

class ParseInstant : public ::testing::TestWithParam<InstantCase> {};

TEST_P(ParseInstant, ReadsBothForms) {
    const auto instant = parse_instant(GetParam().text);
    ASSERT_TRUE(instant.has_value());
    EXPECT_EQ(instant->first.time_since_epoch().count(), GetParam().first);
    EXPECT_EQ(instant->last.time_since_epoch().count(), GetParam().last);
}

INSTANTIATE_TEST_SUITE_P(
    Times, ParseInstant,
    ::testing::Values(
        InstantCase{"Epoch", "0", 0, 999},
        InstantCase{"Milliseconds", "1700000000123", 1700000000123000, 1700000000123999},
        InstantCase{"BeforeTheEpoch", "-1", -1000, -1},
        InstantCase{"LeadingZeros", "007", 7000, 7999},
        InstantCase{"LastOfJavaScript", "8640000000000000", 8640000000000000000,
                    8640000000000000999},
        InstantCase{"FirstOfJavaScript", "-8640000000000000", -8640000000000000000,
                    -8639999999999999001},
        InstantCase{"Rfc3339", "2023-11-14T22:13:20Z", 1700000000000000, 1700000000000000},
        InstantCase{"Microseconds", "2023-11-14T22:13:20.123456Z", 1700000000123456,
                    1700000000123456},
        InstantCase{"Offset", "2023-11-15T00:13:20+02:00", 1700000000000000, 1700000000000000},
        InstantCase{"BlankForT", "2023-11-14 22:13:20Z", 1700000000000000, 1700000000000000},
        InstantCase{"PlusWithoutColonThatBecameASpace", "2023-11-15 00:13:20 0200",
                    1700000000000000, 1700000000000000},
        InstantCase{"PlusThatBecameASpace", "2023-11-15T00:13:20 02:00", 1700000000000000,
                    1700000000000000}),
    [](const auto& test_case) { return test_case.param.name; });

class RefusedInstant : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedInstant, IsNoTime) {
    EXPECT_FALSE(parse_instant(GetParam()).has_value());
}

INSTANTIATE_TEST_SUITE_P(Texts, RefusedInstant,
                         ::testing::Values("", "-", "+5", " 5", "5 ", "1e3", "1.5", "0x10",
                                           "8640000000000001", "-8640000000000001",
                                           "99999999999999999999", "yesterday", "2023-11-14",
                                           "2023-11-14T22:13:20", "2023-02-30T00:00:00Z",
                                           "2023-11-14T22:13:20  2:00", "2023-11-14  22:13:20Z",
                                           " 02:00"));

}  // namespace
}  // namespace events::reporter
