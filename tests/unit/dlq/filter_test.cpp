#include "dlq/filter.hpp"

#include "common/events/time.hpp"
#include "dlq/moment.hpp"

#include <gtest/gtest.h>

namespace events::dlq {
namespace {

using namespace std::chrono_literals;

const Timestamp kNoon = parse_timestamp("2026-03-01T12:00:00Z").value();

Letter letter() {
    Letter letter;
    letter.sequence = 7;
    letter.subject = "dead.facebook";
    letter.failed_at = kNoon;
    letter.code = "missing_field";
    letter.correlation_id = "c-1";
    return letter;
}

TEST(Filter, TakesEverythingWhereNothingIsSet) {
    EXPECT_TRUE(Filter{}.empty());
    EXPECT_TRUE(Filter{}.matches(letter()));
}

TEST(Filter, WantsEachPartThatIsSet) {
    const auto matches = [](auto change) {
        Filter filter;
        change(filter);
        EXPECT_FALSE(filter.empty());
        return filter.matches(letter());
    };
    EXPECT_TRUE(matches([](Filter& f) { f.codes = {"wrong_type", "missing_field"}; }));
    EXPECT_FALSE(matches([](Filter& f) { f.codes = {"wrong_type"}; }));
    EXPECT_TRUE(matches([](Filter& f) { f.subject = "dead.facebook"; }));
    EXPECT_FALSE(matches([](Filter& f) { f.subject = "dead.gateway"; }));
    EXPECT_TRUE(matches([](Filter& f) { f.since = kNoon; }));
    EXPECT_FALSE(matches([](Filter& f) { f.since = kNoon + 1us; }));
    EXPECT_TRUE(matches([](Filter& f) { f.until = kNoon; }));
    EXPECT_FALSE(matches([](Filter& f) { f.until = kNoon - 1us; }));
    EXPECT_TRUE(matches([](Filter& f) { f.correlation_id = "c-1"; }));
    EXPECT_FALSE(matches([](Filter& f) { f.correlation_id = "c-11"; }));
    EXPECT_TRUE(matches([](Filter& f) { f.sequences = {{1, 2}, {7, 9}}; }));
    EXPECT_FALSE(matches([](Filter& f) { f.sequences = {{1, 6}, {8, 9}}; }));
    EXPECT_FALSE(matches([](Filter& f) {
        f.codes = {"missing_field"};
        f.subject = "dead.tiktok";
    }));
}

TEST(Filter, KnowsTheSpanOfItsSequences) {
    Filter filter;
    EXPECT_EQ(filter.span().first, 1U);
    filter.sequences = {{9, 12}, {3, 4}};
    EXPECT_EQ(filter.span().first, 3U);
    EXPECT_EQ(filter.span().last, 12U);
}

TEST(Sequences, AreNumbersAndRanges) {
    const auto ranges = parse_sequences("7,9-12,20-");
    ASSERT_TRUE(ranges);
    ASSERT_EQ(ranges->size(), 3U);
    EXPECT_EQ((*ranges)[0].first, 7U);
    EXPECT_EQ((*ranges)[0].last, 7U);
    EXPECT_EQ((*ranges)[1].last, 12U);
    EXPECT_EQ((*ranges)[2].last, std::numeric_limits<std::uint64_t>::max());
    for (const auto* wrong :
         {"", "0", "-3", "a", "1,", ",1", "3-2", "1-2-3", "1 2", "+1", "99999999999999999999999"}) {
        EXPECT_FALSE(parse_sequences(wrong)) << wrong;
    }
}

TEST(Moment, IsATimeOrHowLongAgo) {
    EXPECT_EQ(parse_moment("2026-03-01T13:00:00+01:00", kNoon), kNoon);
    EXPECT_EQ(parse_moment("90s", kNoon), kNoon - 90s);
    EXPECT_EQ(parse_moment("15m", kNoon), kNoon - 15min);
    EXPECT_EQ(parse_moment("2h", kNoon), kNoon - 2h);
    EXPECT_EQ(parse_moment("7d", kNoon), kNoon - std::chrono::days{7});
    EXPECT_EQ(parse_moment("1w", kNoon), kNoon - std::chrono::weeks{1});
    for (const auto* wrong : {"", "h", "2", "2 h", "-2h", "+2h", "1.5h", "2H", "2h30m", "now",
                              "2026-03-01", "99999999d", "4294967296s"}) {
        EXPECT_FALSE(parse_moment(wrong, kNoon)) << wrong;
    }
}

TEST(Code, IsOneOfTheClosedList) {
    for (const auto code : kGatewayRejections) EXPECT_EQ(parse_code(to_string(code)), code);
    for (const auto code : kCollectorRejections) EXPECT_EQ(parse_code(to_string(code)), code);
    EXPECT_FALSE(parse_code("unknown"));
}

}  // namespace
}  // namespace events::dlq
