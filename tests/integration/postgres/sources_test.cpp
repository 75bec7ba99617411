// make_source(): a source that none of our programs knows gets all that the others have.
#include "common/postgres/stored_source.hpp"
#include "events_database.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/reader_role.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace events::postgres {
namespace {

using test::EventsDatabase;
using ::testing::HasSubstr;

constexpr auto kMakeGoogle = R"(
SELECT make_source('google', ARRAY[
    'region text NOT NULL DEFAULT $$north, by west$$',
    'age smallint',
    'campaign_id text',
    'device text NOT NULL'
], top_types => ARRAY['ad.view', 'page_view'], bottom_types => ARRAY['ad.click', 'conversion'],
   revenue_types => ARRAY['conversion']))";

std::string insert(const std::string& table, const std::string& id, const std::string& time,
                   const std::string& type = "conversion") {
    return fmt::format(
        "INSERT INTO {} (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, "
        "age, campaign_id, device, purchase_amount) VALUES ('{}', '{}', now(), 'bottom', '{}', "
        "'user', 41, 'summer', 'phone', 2.25); ",
        table, id, time, type);
}

/// Two built days of Google, "g1" (2026-03-01) and "g2", with a row in a segment at noon each.
void fill(const EventsDatabase& db) {
    db.add_day("2026-03-01", "g1", "google");
    db.add_day("2026-03-02", "g2", "google");
    db.query(insert("google_events", "a", "2026-03-01 12:00Z"));
    db.query(insert("google_events", "b", "2026-03-02 12:00Z"));
    db.build("g1");
    db.build("g2");
}

class MadeSource : public ::testing::Test {
  protected:
    MadeSource() {
        db_.query(kMakeGoogle);
        fill(db_);
    }
    void expect(const std::string& built) const {
        EXPECT_EQ(db_.differences(), "");
        EXPECT_EQ(db_.built(), built);
    }
    std::string query(const std::string& sql) const { return db_.query(sql); }

    EventsDatabase db_;
};

TEST_F(MadeSource, HasEveryChangeNoticed) {
    expect("g1 g2");
    query(insert("google_events", "c", "2026-03-01 13:00Z"));
    query(insert("google_events", "d", "2026-03-01 13:10Z", "ad.click"));
    query(insert("google_events", "e", "2003-03-01 13:10Z"));
    EXPECT_EQ(query("SELECT string_agg(DISTINCT concat_ws(' ', source, taken_back, user_id, "
                    "campaign_id, country, device, age, purchase_amount), ',') FROM event_changes"),
              "google f user summer phone 41 2.25")
        << "all that reports ask for";
    expect("g1 g2");
    query(
        "UPDATE google_events SET purchase_amount = 7, occurred_at = occurred_at + '24 hours' "
        "WHERE event_id IN ('a', 'c')");
    expect("g1 g2");
    query("DELETE FROM google_events WHERE event_id = 'a'");
    query("UPDATE g2 SET age = NULL, event_type = 'ad.click'");
    query("SET session_replication_role = replica; DELETE FROM g2 WHERE event_id = 'd'");
    expect("g1 g2");
    query(insert("g2", "f", "2026-03-02 13:00Z"));
    expect("g1");
    EXPECT_EQ(query("SELECT events.rebuild_day('google', '2026-03-01')"), "1");
    expect("");
}

TEST_F(MadeSource, HasRevenueOfItsOwnTypesOnly) {
    for (const auto* type : {"purchase", "checkout.complete", "ad.click", "of.nobody"}) {
        query(insert("google_events", type, "2026-03-01 12:00Z", type));
    }
    expect("g1 g2");
    EXPECT_EQ(
        query("SELECT concat_ws(' ', sum(revenue), sum(orders), sum(events)) FROM hourly_events "
              "WHERE source = 'google'"),
        "4.50 2 6");
    query("TRUNCATE built_partitions");
    expect("");
    EXPECT_EQ(query("SELECT sum(revenue) FROM hourly_events"), "4.50");
}

TEST_F(MadeSource, IsKeptAsLongAsItsOwnDaySays) {
    query("SELECT events.retain_from('google', '2026-03-02')");
    EXPECT_EQ(query("SELECT events FROM drop_partition('google', 'g1'::regclass::oid)"), "1");
    EXPECT_EQ(query("SELECT count(*) FROM drop_partition('google', "
                    "'google_events_before_2004'::regclass::oid) WHERE events = 0"),
              "1");
    EXPECT_EQ(query("SELECT string_agg(name, ' ' ORDER BY name) FROM partitions "
                    "WHERE source = 'google'"),
              "g2 google_events_before_2004");
    EXPECT_EQ(query("SELECT count(*) FROM retained_from"), "1");
    expect("g2");
}

// A column of the operator's own that has a name which reports know, of another source.
TEST_F(MadeSource, HasNoDimensionThatItWasNotMadeWith) {
    query("ALTER TABLE google_events ADD country integer, ADD id text, ADD gender text");
    query(insert("google_events", "c", "2026-03-01 13:00Z"));
    query("UPDATE google_events SET country = 7, gender = 'x' WHERE event_id = 'c'");
    EXPECT_EQ(query("SELECT count(country) + count(gender) FROM event_changes"), "0");
    expect("g1 g2");
}

TEST_F(MadeSource, IsFoundByItsCollector) {
    Connection connection{{.url = config::Secret{db_.url()}, .application_name = "test"}, {}};
    EXPECT_FALSE(find_stored_source(connection, "bing"));
    const auto google = find_stored_source(connection, "google");
    ASSERT_TRUE(google);
    EXPECT_EQ(google->table, "google_events");
    EXPECT_THAT(google->types,
                ::testing::ElementsAre(StoredSource::EventType{"ad.click", "bottom", false},
                                       StoredSource::EventType{"ad.view", "top", false},
                                       StoredSource::EventType{"conversion", "bottom", true},
                                       StoredSource::EventType{"page_view", "top", false}));
    EXPECT_THAT(google->dimensions, ::testing::ElementsAre("campaign_id", "device", "age"));
    using Column = StoredSource::Column;
    const std::vector<Column> columns{{"event_id", "text", true},
                                      {"occurred_at", "timestamp with time zone", true},
                                      {"received_at", "timestamp with time zone", true},
                                      {"funnel_stage", "text", true},
                                      {"event_type", "text", true},
                                      {"user_id", "text", true},
                                      {"region", "text", false},
                                      {"age", "smallint", false},
                                      {"campaign_id", "text", false},
                                      {"device", "text", true},
                                      {"purchase_amount", "numeric(14,2)", false},
                                      {"correlation_id", "text", false}};
    EXPECT_EQ(google->columns, columns);
    query(
        "ALTER TABLE google_events DROP region, ADD note text NOT NULL DEFAULT ''; "
        "CREATE TABLE events.google_events (n int)");
    const auto altered = find_stored_source(connection, "google");
    EXPECT_EQ(altered->table, "public.google_events");
    EXPECT_EQ(altered->columns.back(), (Column{"note", "text", false}));
    EXPECT_EQ(altered->columns.size(), columns.size());
    query("DROP TABLE events.google_events, public.google_events");
    EXPECT_THAT(find_stored_source(connection, "google")->columns, ::testing::IsEmpty());
}

TEST_F(MadeSource, IsInADump) {
    const EventsDatabase restored{test::postgres_cluster().make_database(), "events", "public"};
    const test::TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status =
        test::run({.command = {"bash", "-c",
                               "set -o pipefail; pg_dump -Fc -d \"$0\" > \"$2\" && pg_restore -j 2 "
                               "--exit-on-error -d \"$1\" \"$2\"",
                               db_.url(), restored.url(), (folder.path() / "dump").string()},
                   .environment = {},
                   .output = output,
                   .user = {}});
    ASSERT_EQ(status.code, 0) << test::read_file(output);
    restored.migrate();
    EXPECT_EQ(restored.query("SELECT string_agg(concat_ws(' ', source, parent, dimensions), ', ' "
                             "ORDER BY source) FROM sources"),
              "facebook facebook_events {campaign_id,country,city,gender,device,age}, "
              "google google_events {campaign_id,device,age}, "
              "tiktok tiktok_events {country,device,followers}");
    EXPECT_EQ(restored.differences(), "");
    restored.build("g1");
    restored.query(insert("google_events", "c", "2026-03-01 13:00Z"));
    restored.add_day("2026-03-05", "g5", "google");
    restored.query(insert("google_events", "d", "2026-03-05 13:00Z"));
    EXPECT_EQ(restored.differences(), "");
    EXPECT_EQ(restored.built(), "g1 g5");
    restored.query("SELECT make_source('bing', '{}', ARRAY['ad.view'], '{}')");
}

TEST(MakeSource, StandsInItsOwnInstallation) {
    const EventsDatabase first;
    first.query("CREATE SCHEMA \"the tables' %s\"");
    const EventsDatabase second{first.url(), "other \"events\"", "the tables' %s"};
    second.query("CREATE SCHEMA \"other \"\"events\"\"\"");
    const test::TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status = test::run({.command = {"psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1",
                                               "-v", "schema=other \"events\"", "-v",
                                               "tables=the tables' %s", "-d", first.url(), "-f",
                                               (test::source_directory() / "libs" / "common" /
                                                "migrations" / "0001_events.sql")
                                                   .string()},
                                   .environment = {},
                                   .output = output,
                                   .user = {}});
    ASSERT_EQ(status.code, 0) << test::read_file(output);
    second.query(kMakeGoogle);
    fill(second);
    second.query("UPDATE google_events SET purchase_amount = 1");
    EXPECT_EQ(second.differences(), "");
    EXPECT_EQ(second.built(), "g1 g2");
    EXPECT_EQ(second.query("SELECT sum(revenue) FROM hourly_events"), "2.00");
    EXPECT_EQ(first.query("SELECT string_agg(source, ' ' ORDER BY source) FROM sources"),
              "facebook tiktok");
    first.query(kMakeGoogle);
    EXPECT_EQ(first.query("SELECT count(*) FROM public.google_events"), "0");
}

struct Refusal {
    const char* name;
    const char* sql;
    const char* says;

    friend void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }
};

class MakeSourceRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(MakeSourceRefuses, AndLeavesNothing) {
    static const EventsDatabase db;
    const auto state = [] {
        return db.query(
            "SELECT concat_ws(' ', (SELECT string_agg(source, ',') FROM sources), "
            "(SELECT count(*) FROM event_types), (SELECT count(*) FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace))");
    };
    const auto before = state();
    try {
        db.query(GetParam().sql);
        ADD_FAILURE() << "was taken";
    } catch (const pqxx::sql_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
    }
    EXPECT_EQ(state(), before);
}

INSTANTIATE_TEST_SUITE_P(
    What, MakeSourceRefuses,
    ::testing::Values(
        Refusal{"ANameThatIsTaken", "SELECT make_source('tiktok', '{}', '{a}', '{b}')",
                "there is a source tiktok already"},
        Refusal{"ANameOfCapitals", "SELECT make_source('Google', '{}', '{a}', '{b}')",
                "'Google' is no name of a source: that is 1 to 20 of a-z and 0-9"},
        Refusal{"ANameThatQuotes", "SELECT make_source('x''; DROP TABLE y', '{}', '{a}', '{b}')",
                "'x''; DROP TABLE y' is no name of a source"},
        Refusal{"ALongName", "SELECT make_source(repeat('g', 21), '{}', '{a}', '{b}')",
                "is no name of a source"},
        Refusal{"NoName", "SELECT make_source(NULL, '{}', '{a}', '{b}')",
                "NULL is no name of a source"},
        Refusal{"ANameThatDeadLettersHave", "SELECT make_source('gateway', '{}', '{a}', '{b}')",
                "'gateway' is no name of a source"},
        Refusal{"AnEventTypeOfCapitals", "SELECT make_source('google', '{}', '{Ad View}', '{b}')",
                "violates check constraint \"event_types_event_type_check\""},
        Refusal{"AnEventTypeOfBothStages", "SELECT make_source('google', '{}', '{a}', '{a}')",
                "event_types_pkey"},
        Refusal{"RevenueOfATypeThatItHasNot",
                "SELECT make_source('google', '{}', '{a}', '{b}', '{c}')",
                "google has revenue of a type that it has not"},
        Refusal{"AColumnThatAllHave",
                "SELECT make_source('google', ARRAY['purchase_amount text'], '{a}', '{b}')",
                "column \"purchase_amount\" specified more than once"},
        Refusal{"AColumnWithoutAType", "SELECT make_source('google', ARRAY['x'], '{a}', '{b}')",
                "syntax error"},
        Refusal{"ADimensionOfAnotherType",
                "SELECT make_source('google', ARRAY['age text'], '{a}', '{b}')",
                "column \"age\" is of type bigint but expression is of type text"},
        Refusal{"ATableThatIsThere",
                "CREATE TABLE public.google_events (n int); SELECT make_source('google', '{}', "
                "'{a}', '{b}')",
                "relation \"google_events\" already exists"}),
    [](const auto& tested) { return tested.param.name; });

class MakeSourceForRoles : public ::testing::Test {
  protected:
    MakeSourceForRoles() {
        test::make_roles(db_.url());
        const EventsDatabase owned{test::as_role(db_.url(), "events_owner"), "events", "public"};
        owned.migrate();
    }
    ~MakeSourceForRoles() override {
        for (const auto* role :
             {"events_owner", "events_writer", "events_reporter", "events_eraser"}) {
            db_.query(fmt::format("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", role));
        }
    }
    std::string as(const std::string& role, const std::string& sql) const {
        return test::query(test::as_role(db_.url(), role),
                           "SET search_path = events, public; " + sql);
    }
    void expect_forbidden(const std::string& role, const std::string& sql) const {
        EXPECT_THROW(static_cast<void>(as(role, sql)), pqxx::insufficient_privilege)
            << role << ": " << sql;
    }

    EventsDatabase db_{test::postgres_cluster().make_database(), "events", "public"};
};

TEST_F(MakeSourceForRoles, GivesThemTheRightsThatTheyHaveOnTheOthers) {
    // By a superuser, who owns nothing of it.
    EXPECT_EQ(db_.query(std::string{"BEGIN; "} + kMakeGoogle + "; COMMIT; SELECT current_user"),
              "postgres");
    as("events_writer", "SELECT add_partition('google', 'g1', '2026-03-01Z', '2026-03-02Z')");
    as("events_writer", "SET events.counted = on; " + insert("google_events", "a", "2026-03-01Z") +
                            insert("g1", "b", "2026-03-01 01:00Z"));
    for (const auto* table : {"google_events", "g1"}) {
        EXPECT_EQ(db_.query(fmt::format("SELECT relowner::regrole FROM pg_class WHERE oid = '{}'"
                                        "::regclass",
                                        table)),
                  "events_owner");
        for (const auto* role : {"events_reporter", "events_eraser"}) {
            EXPECT_EQ(as(role, fmt::format("SELECT count(*) FROM {}", table)), "2") << role;
        }
        expect_forbidden("events_reporter", fmt::format("DELETE FROM {}", table));
    }
    as("events_eraser", "DELETE FROM google_events WHERE user_id = 'user'");
    EXPECT_EQ(as("events_reporter", "SELECT count(*) FROM event_changes WHERE taken_back"), "2");
    as("events_writer", "SELECT retain_from('google', '2026-03-02')");
    EXPECT_NO_THROW(as("events_writer", "SELECT drop_partition('google', 'g1'::regclass::oid)"));
}

TEST_F(MakeSourceForRoles, IsTheOwners) {
    for (const auto* role : {"events_writer", "events_reporter", "events_eraser"}) {
        expect_forbidden(role, kMakeGoogle);
    }
    as("events_owner", kMakeGoogle);
    db_.query(
        "CREATE TABLE public.others (n int) PARTITION BY RANGE (n); "
        "ALTER TABLE public.others OWNER TO events_owner");
    for (const auto* role : {"events_writer", "events_reporter", "events_eraser"}) {
        expect_forbidden(role, "INSERT INTO sources VALUES ('x', 'others', '{}')");
        expect_forbidden(role, "UPDATE sources SET parent = 'others'");
        expect_forbidden(role, "DELETE FROM event_types");
        expect_forbidden(role, "DELETE FROM sources");
    }
    // Also where roles.sql comes again.
    test::make_roles(db_.url());
    for (const auto* role : {"events_writer", "events_reporter"}) {
        EXPECT_EQ(as(role, "SELECT count(*) FROM event_types JOIN sources USING (source)"), "18");
        expect_forbidden(role, "UPDATE sources SET parent = 'others'");
        expect_forbidden(role, "UPDATE event_types SET has_revenue = true");
    }
}

}  // namespace
}  // namespace events::postgres
