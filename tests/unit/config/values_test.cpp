#include "common/config/values.hpp"

#include "common/config/percent.hpp"
#include "common/config/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::config {
namespace {

using namespace std::chrono_literals;

struct BytesCase {
    const char* text;
    std::optional<std::uint64_t> expected;

    friend std::ostream& operator<<(std::ostream& out, const BytesCase& c) { return out << c.text; }
};

class ParseBytes : public ::testing::TestWithParam<BytesCase> {};

TEST_P(ParseBytes, UnderstandsWhatOperatorsWrite) {
    EXPECT_EQ(parse_bytes(GetParam().text), GetParam().expected);
}

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseBytes,
    ::testing::Values(BytesCase{"52428800", 52'428'800}, BytesCase{"0", 0}, BytesCase{"512B", 512},
                      BytesCase{"512KiB", 524'288}, BytesCase{"512Ki", 524'288},
                      BytesCase{"50MiB", 50 * kMiB}, BytesCase{"4 GiB", 4'096 * kMiB},
                      BytesCase{"4Gi", 4'096 * kMiB}, BytesCase{"4gi", 4'096 * kMiB},
                      BytesCase{"4GIB", 4'096 * kMiB}, BytesCase{"1.5Gi", 1'536 * kMiB},
                      BytesCase{"0.5TiB", 512 * 1'024 * kMiB}, BytesCase{"512k", 512'000},
                      BytesCase{"512K", 512'000}, BytesCase{"512kb", 512'000},
                      BytesCase{"50M", 50'000'000}, BytesCase{"4GB", 4'000'000'000},
                      BytesCase{"4g", 4'000'000'000}, BytesCase{"2T", 2'000'000'000'000},
                      BytesCase{"2TB", 2'000'000'000'000},
                      BytesCase{"18446744073709551615", UINT64_MAX},
                      BytesCase{"18446744073709551616", {}}, BytesCase{"99999999999TiB", {}},
                      BytesCase{"9999999999.9TiB", {}}, BytesCase{"", {}}, BytesCase{"GiB", {}},
                      BytesCase{"-1", {}}, BytesCase{"+1", {}}, BytesCase{"1.5", {}},
                      BytesCase{".", {}}, BytesCase{"1.2.3Gi", {}}, BytesCase{"4 GiBs", {}},
                      BytesCase{"4G iB", {}}, BytesCase{"5 parsecs", {}}, BytesCase{"0x10", {}},
                      BytesCase{"1e3", {}}, BytesCase{"4Gib4", {}}));

TEST(ParseDuration, UnderstandsWhatOperatorsWrite) {
    EXPECT_EQ(parse_duration("1500"), 1500ms);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("1.5 s"), 1500ms);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1H"), 1h);
    EXPECT_EQ(parse_duration("2d"), 48h);
    for (const auto* text : {"", "s", "-1s", "1.5", "1us", "10 minutes ago", "9223372036854775808",
                             "18446744073709551615d"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(ParseBoolean, UnderstandsWhatOperatorsWrite) {
    for (const auto* text :
         {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "1", "t", "y", "enabled"}) {
        EXPECT_EQ(parse_boolean(text), true) << text;
    }
    for (const auto* text :
         {"false", "False", "FALSE", "no", "No", "off", "OFF", "0", "f", "n", "disabled"}) {
        EXPECT_EQ(parse_boolean(text), false) << text;
    }
    for (const auto* text : {"", "2", "maybe", "tru", "true false"}) {
        EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
    }
}

TEST(PercentDecoded, GivesBackEveryByteButNul) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned code = 1; code < 256; ++code) {
        const std::string text{'a', '%', kDigits[code >> 4U], kDigits[code & 15U], 'z'};
        const std::string expected{'a', static_cast<char>(code), 'z'};
        EXPECT_EQ(percent_decoded(text), expected) << text;
    }
    for (const auto* text : {"%", "%4", "a%4", "%g0", "%0g", "% 1", "%-1", "%00"}) {
        EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
    }
}

TEST(Shown, HidesWhatCouldBeAUrlWithAUser) {
    EXPECT_EQ(shown("loud\n"), "loud?");
    EXPECT_EQ(shown("nats://token@host"), "***");
    EXPECT_EQ(shown("app:word@host"), "***");
    EXPECT_EQ(shown("postgresql://host/db?user=app&password=word"), "***");
}

TEST(Trimmed, DropsWhatIsAroundAText) {
    EXPECT_EQ(trimmed(" \t\r\n\v\fa b\n\n"), "a b");
    EXPECT_EQ(trimmed(" \n"), "");
    EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace events::config
