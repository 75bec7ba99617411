#include "reporter/sql.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(BuildSql, CountsTheRowsOfBothTables) {
    const auto sql = build_sql({.category = Category::events});
    EXPECT_EQ(sql.text,
              "SELECT count(*) FROM (SELECT 1 FROM facebook_events"
              " UNION ALL SELECT 1 FROM tiktok_events) AS found");
    EXPECT_THAT(sql.parameters, IsEmpty());
}

TEST(BuildSql, AsksOnlyTheSourceThatIsGiven) {
    const auto sql = build_sql({.category = Category::events, .source = Source::tiktok});
    EXPECT_EQ(sql.text, "SELECT count(*) FROM (SELECT 1 FROM tiktok_events) AS found");
}

TEST(BuildSql, MakesEveryValueAParameterOfItsOwnTable) {
    const Timestamp from{1'700'000'000'123'456us};
    const auto sql = build_sql(
        {.category = Category::events,
         .from = from,
         .to = from + 1us,
         .conditions = {{Column::event_type, Comparison::equal, std::string{"comment"}}}});
    EXPECT_EQ(sql.text,
              "SELECT count(*) FROM (SELECT 1 FROM facebook_events"
              " WHERE occurred_at >= $1 AND occurred_at <= $2 AND event_type = $3"
              " UNION ALL SELECT 1 FROM tiktok_events"
              " WHERE occurred_at >= $4 AND occurred_at <= $5 AND event_type = $6) AS found");
    EXPECT_THAT(
        sql.parameters,
        ElementsAre("2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123457Z", "comment",
                    "2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123457Z", "comment"));
}

TEST(BuildSql, SumsTheAmountsOfTheRevenueEvents) {
    const auto sql = build_sql({.category = Category::revenue});
    EXPECT_EQ(sql.text,
              "SELECT coalesce(sum(purchase_amount), 0), count(*) FROM ("
              "SELECT purchase_amount FROM facebook_events"
              " WHERE event_type IN ($1) AND purchase_amount IS NOT NULL"
              " UNION ALL SELECT purchase_amount FROM tiktok_events"
              " WHERE event_type IN ($2) AND purchase_amount IS NOT NULL) AS found");
    EXPECT_THAT(sql.parameters, ElementsAre("checkout.complete", "purchase"));
}

TEST(BuildSql, CountsEachUserOfASourceOnce) {
    const auto sql =
        build_sql({.category = Category::demographics,
                   .conditions = {{Column::device, Comparison::equal, std::string{"iOS"}}}});
    EXPECT_EQ(sql.text,
              "SELECT count(*) FROM (SELECT DISTINCT user_id FROM facebook_events WHERE device = $1"
              " UNION ALL SELECT DISTINCT user_id FROM tiktok_events WHERE device = $2) AS found");
}

TEST(BuildSql, LeavesOutTheSourceThatLacksAColumn) {
    const std::vector<Column> facebook_only{Column::age, Column::gender, Column::city,
                                            Column::campaign_id};
    for (const auto column : facebook_only) {
        const auto sql = build_sql({.category = Category::demographics,
                                    .conditions = {{column, Comparison::equal, std::string{"1"}}}});
        EXPECT_THAT(sql.text, Not(HasSubstr("tiktok_events")));
        EXPECT_THAT(sql.text, HasSubstr("facebook_events"));
        EXPECT_THAT(sql.parameters, ElementsAre("1"));
    }
    const auto followers =
        build_sql({.category = Category::demographics,
                   .conditions = {{Column::followers, Comparison::at_least, std::int64_t{1'000}},
                                  {Column::followers, Comparison::at_most, std::int64_t{1'999}}}});
    EXPECT_EQ(followers.text,
              "SELECT count(*) FROM (SELECT DISTINCT user_id FROM tiktok_events"
              " WHERE followers >= $1 AND followers <= $2) AS found");
    EXPECT_THAT(followers.parameters, ElementsAre("1000", "1999"));
}

TEST(BuildSql, FindsNothingWhereNoSourceHasEveryColumn) {
    const auto sql =
        build_sql({.category = Category::demographics,
                   .conditions = {{Column::age, Comparison::equal, std::int64_t{30}},
                                  {Column::followers, Comparison::equal, std::int64_t{5}}}});
    EXPECT_EQ(sql.text,
              "SELECT count(*) FROM (SELECT DISTINCT user_id FROM facebook_events WHERE false)"
              " AS found");
    EXPECT_THAT(sql.parameters, IsEmpty());
}

TEST(BuildSql, MovesTimesBeyondPostgresIntoItsRange) {
    const auto sql = build_sql({.category = Category::events,
                                .from = Timestamp{-8'640'000'000'000'000ms},
                                .to = Timestamp{8'640'000'000'000'000ms},
                                .source = Source::facebook});
    EXPECT_THAT(sql.parameters,
                ElementsAre("1000-01-01T00:00:00.000000Z BC", "20000-01-01T00:00:00.000000Z"));
}

}  // namespace
}  // namespace events::reporter
