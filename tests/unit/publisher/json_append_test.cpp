#include "publisher/json_append.hpp"

#include "common/events/money.hpp"
#include "common/events/time.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace events::publisher {
namespace {

TEST(AppendJsonString, IsReadBackAsTheSameTextByAJsonParser) {
    std::string every_ascii;
    for (char c = 1; c < 127; ++c) every_ascii += c;
    const std::vector<std::string> texts{
        "",         "plain", "\"quoted\" \\", "a\nb\tc\r\b\f", "łódź 東京 🎸", {"nul\0byte", 8},
        every_ascii};
    for (const auto& text : texts) {
        std::string json;
        append_json_string(json, text);
        EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
    }
}

TEST(AppendJsonString, AddsBehindWhatIsThere) {
    std::string out = "before:";
    append_json_string(out, "x");
    EXPECT_EQ(out, "before:\"x\"");
}

TEST(AppendUuid, HasTheShapeOfVersion4) {
    Random random{1};
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        std::string uuid;
        append_uuid(uuid, random);
        ASSERT_EQ(uuid.size(), 36U);
        EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos) << uuid;
        for (const std::size_t dash : {8U, 13U, 18U, 23U}) EXPECT_EQ(uuid[dash], '-') << uuid;
        EXPECT_EQ(uuid[14], '4') << uuid;
        EXPECT_NE(std::string{"89ab"}.find(uuid[19]), std::string::npos) << uuid;
        EXPECT_TRUE(seen.insert(uuid).second) << uuid;
    }
}

TEST(AppendTimestamp, IsReadBackAsTheSameMillisecond) {
    for (const std::string_view text :
         {"1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2024-02-29T12:34:56.789Z",
          "2026-03-01T10:00:00.001Z", "2999-12-31T23:59:59.999Z"}) {
        const auto time = parse_timestamp(text);
        ASSERT_TRUE(time) << text;
        std::string out;
        append_timestamp(out, *time);
        EXPECT_EQ(out, text);
    }
}

TEST(AppendTimestamp, CutsTheMicrosecondsOff) {
    std::string out;
    append_timestamp(out, *parse_timestamp("2026-03-01T10:00:00.123999Z"));
    EXPECT_EQ(out, "2026-03-01T10:00:00.123Z");
}

TEST(AppendAmount, AlwaysHasTwoDigitsBehindThePoint) {
    for (const std::int64_t cents : {0, 1, 10, 99, 100, 101, 1250, 100'000}) {
        std::string out;
        append_amount(out, Cents{cents});
        EXPECT_EQ(out, format_amount(Cents{cents}));
        EXPECT_EQ(parse_amount(out), Cents{cents});
    }
}

TEST(AppendInteger, WritesTheWholeRange) {
    std::string out;
    append_integer(out, std::numeric_limits<std::int64_t>::min());
    out += ' ';
    append_integer(out, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(out, "-9223372036854775808 18446744073709551615");
}

// The numbers of the reference implementations (xoshiro256plusplus.c, seeded by splitmix64.c): a
// seed has to give the same events in every version and on every machine.
TEST(Random, GivesTheReferenceImplementationsNumbers) {
    Random random{42};
    EXPECT_EQ(random.next(), 15021278609987233951U);
    EXPECT_EQ(random.next(), 5881210131331364753U);
    EXPECT_EQ(random.next(), 18149643915985481100U);
}

TEST(Random, StaysWithinItsBounds) {
    Random random{3};
    std::set<std::int64_t> seen;
    for (int i = 0; i < 1'000; ++i) seen.insert(random.between(-2, 2));
    EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_FALSE(random.chance(0.0));
        EXPECT_TRUE(random.chance(1.0));
    }
}

}  // namespace
}  // namespace events::publisher
