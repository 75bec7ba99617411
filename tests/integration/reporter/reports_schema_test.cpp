// The views of the schema reports tell what the rows and the reporter tell, however far folding and
// profiling have come.

#include "common/postgres/migrations.hpp"
#include "reporter_server.hpp"
#include "stored_events.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include <map>

namespace events::reporter {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using Counts = std::map<std::string, std::int64_t>;

/// Every row as the views know rows, with what counts as money.
constexpr std::string_view kRows = R"(
    (SELECT 'facebook' AS source, occurred_at, funnel_stage, event_type, campaign_id,
            CASE WHEN event_type = 'checkout.complete' THEN purchase_amount END AS amount
     FROM facebook_events
     UNION ALL
     SELECT 'tiktok', occurred_at, funnel_stage, event_type, NULL,
            CASE WHEN event_type = 'purchase' THEN purchase_amount END
     FROM tiktok_events) AS rows)";

class ReportsSchema : public ::testing::Test {
  protected:
    explicit ReportsSchema(std::string url = test::postgres_cluster().make_database())
        : url_{std::move(url)} {}

    [[nodiscard]] std::string query(const std::string& sql) const { return test::query(url_, sql); }
    void fold() const { static_cast<void>(query("SELECT fold_event_deltas()")); }
    void profile(int most_events) const {
        for (const auto* source : {"facebook", "tiktok"}) {
            static_cast<void>(
                query(fmt::format("SELECT profile_{}_users('0', {})", source, most_events)));
        }
    }

    /// How many rows only one of two statements gives.
    [[nodiscard]] std::string differences(const std::string& one, const std::string& other) const {
        return query(
            fmt::format("SELECT count(*) FROM (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL "
                        "{0})) AS different",
                        one, other));
    }

    void expect_rows_counted() const {
        EXPECT_EQ(differences("SELECT * FROM reports.events",
                              fmt::format("SELECT width, date_bin(stride, occurred_at, 'epoch'), "
                                          "source, funnel_stage, event_type, count(*), "
                                          "count(amount), coalesce(sum(amount), 0) FROM {} "
                                          "CROSS JOIN (VALUES ('minute', interval '1 minute'), "
                                          "('hour', '1 hour'), ('day', '1 day')) "
                                          "AS widths (width, stride) GROUP BY 1, 2, 3, 4, 5",
                                          kRows)),
                  "0");
        EXPECT_EQ(differences("SELECT * FROM reports.campaigns",
                              fmt::format("SELECT date_bin('1 day', occurred_at, 'epoch'), source, "
                                          "campaign_id, count(amount), sum(amount) FROM {} "
                                          "WHERE amount IS NOT NULL GROUP BY 1, 2, 3",
                                          kRows)),
                  "0");
        for (const auto* table : {"facebook", "tiktok"}) {
            EXPECT_EQ(
                query(fmt::format("SELECT (SELECT users FROM reports.audience WHERE source = '{0}'"
                                  " AND attribute = 'all') = (SELECT count(DISTINCT user_id) "
                                  "FROM {0}_events)",
                                  table)),
                "t");
        }
    }

    /// A figure of the reporter's groups, by their one key; null is "-".
    [[nodiscard]] Counts groups(const std::string& target, const std::string& key,
                                const std::string& figure) const {
        Counts counts;
        const auto answer = json::parse(server_.get(target).body);
        for (const auto& group : answer.at("groups")) {
            const auto& value = group.at(key);
            counts[value.is_null() ? "-" : value.get<std::string>()] = group.at(figure);
        }
        return counts;
    }

    /// The rows (key, count) of a statement; null is "-".
    [[nodiscard]] Counts rows(const std::string& sql) const {
        pqxx::connection connection{url_};
        pqxx::nontransaction transaction{connection};
        Counts counts;
        for (const auto& row : transaction.exec(sql)) {
            counts[row[0].as<std::string>("-")] = row[1].as<std::int64_t>();
        }
        return counts;
    }

    void expect_the_reporters_figures() const {
        EXPECT_EQ(groups("events?groupBy=eventType&source=tiktok", "eventType", "count"),
                  rows("SELECT event_type, sum(events) FROM reports.events "
                       "WHERE width = 'day' AND source = 'tiktok' GROUP BY 1"));
        EXPECT_EQ(groups("events?groupBy=funnelStage", "funnelStage", "count"),
                  rows("SELECT funnel_stage, sum(events) FROM reports.events "
                       "WHERE width = 'minute' GROUP BY 1"));
        EXPECT_EQ(groups("revenue?groupBy=campaignId", "campaignId", "transactions"),
                  rows("SELECT campaign_id, sum(transactions) FROM reports.campaigns GROUP BY 1"));
        // As text: a JSON parser would make a double of it.
        EXPECT_THAT(server_.get("revenue").body,
                    HasSubstr("\"revenue\":" +
                              query("SELECT coalesce(sum(revenue), 0)::numeric(20, 2) "
                                    "FROM reports.events WHERE width = 'hour'") +
                              ","));
        const std::vector<std::array<std::string, 3>> attributes{
            {"facebook", "ageGroup", "age_group"},
            {"facebook", "gender", "gender"},
            {"facebook", "country", "country"},
            {"facebook", "device", "device"},
            {"tiktok", "country", "country"},
            {"tiktok", "device", "device"},
            {"tiktok", "followersGroup", "followers_group"}};
        for (const auto& [source, key, attribute] : attributes) {
            EXPECT_EQ(groups(fmt::format("demographics?source={}&groupBy={}", source, key), key,
                             "userCount"),
                      rows(fmt::format("SELECT value, users FROM reports.audience "
                                       "WHERE source = '{}' AND attribute = '{}'",
                                       source, attribute)))
                << source << " " << attribute;
        }
    }

    void expect_figures() const {
        expect_rows_counted();
        expect_the_reporters_figures();
    }

    std::string url_;
    ReporterServer server_{url_};
};

TEST_F(ReportsSchema, TellsTheFiguresOfTheRowsAtEveryStageOfFoldingAndProfiling) {
    prepare_database(url_);
    const auto events = random_events(21, 600);
    for (std::size_t part = 0; part < 2; ++part) {
        const auto begin = events.begin() + static_cast<std::ptrdiff_t>(part * 300);
        store(url_, {begin, begin + 300});
        SCOPED_TRACE(part);
        expect_figures();  // nothing of this part is folded
        fold();
        expect_figures();  // nothing of it is profiled
        profile(100);
        expect_figures();
        profile(10'000);
        expect_figures();
    }
    EXPECT_EQ(query("SELECT sum(events) FROM reports.events WHERE width = 'minute'"), "600");
    EXPECT_NE(query("SELECT count(*) FROM facebook_profiles WHERE NOT sole"), "0");
    EXPECT_NE(query("SELECT count(*) FROM reports.campaigns"), "0");
}

TEST_F(ReportsSchema, FollowsRowsThatAreDeletedAndChanged) {
    prepare_database(url_);
    store(url_, random_events(22, 300));
    fold();
    profile(10'000);
    static_cast<void>(query("DELETE FROM facebook_events WHERE user_id = 'user-7'"));
    static_cast<void>(
        query("UPDATE tiktok_events SET country = 'Chile', purchase_amount = 0.01 "
              "WHERE user_id = 'user-9'"));
    expect_figures();
    fold();
    expect_figures();
    profile(10'000);
    expect_figures();
}

TEST_F(ReportsSchema, IsEmptyOverAnEmptyDatabase) {
    migrate_database(url_);
    for (const auto* view : {"events", "campaigns", "audience"}) {
        EXPECT_EQ(query(fmt::format("SELECT count(*) FROM reports.{}", view)), "0");
    }
}

TEST_F(ReportsSchema, IsThereAfterTheUpgradeOfADatabaseWithRows) {
    const logging::Logger log{"reporter-test", {.level = logging::Level::fatal}};
    {
        postgres::Connection connection{
            {.url = config::Secret{url_}, .application_name = "reporter-test"}, {}};
        postgres::migrate(connection, postgres::embedded_migrations().first(2), log);
    }
    for (const auto* table : {"facebook_events", "tiktok_events"}) {
        static_cast<void>(
            query(fmt::format("CREATE TABLE {0}_test PARTITION OF {0} DEFAULT", table)));
    }
    const auto events = random_events(23, 400);
    store(url_, {events.begin(), events.begin() + 200});
    fold();
    profile(50);
    store(url_, {events.begin() + 200, events.end()});
    migrate_database(url_);
    expect_figures();
    EXPECT_EQ(query("SELECT sum(events) FROM reports.events WHERE width = 'hour'"), "400");
}

}  // namespace
}  // namespace events::reporter
