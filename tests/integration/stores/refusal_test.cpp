// What somebody else's doing in our tables refuses is not the events' content.
#include "common/collector/event_table.hpp"
#include "common/postgres/error.hpp"
#include "common/sources/tiktok.hpp"
#include "sample_events.hpp"
#include "support/made_events.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <ostream>

namespace events {
namespace {

using namespace test;
using ::testing::HasSubstr;
using ::testing::Not;

struct Rule {
    const char* name;
    const char* made;
    const char* mended;
    const char* sqlstate;
    const char* told;  ///< part of what the collector says
    friend std::ostream& operator<<(std::ostream& out, const Rule& rule) {
        return out << rule.name;
    }
};

class RefusalTest : public ::testing::Test {
  protected:
    RefusalTest() {
        query(cluster().url("postgres"),
              "DO $$ BEGIN CREATE ROLE plain_writer LOGIN; EXCEPTION WHEN duplicate_object THEN "
              "NULL; END $$");
        // Policies and rights do not hold for a superuser.
        query(url_,
              "GRANT ALL ON ALL TABLES IN SCHEMA public, events TO plain_writer;"
              "GRANT ALL ON ALL SEQUENCES IN SCHEMA events TO plain_writer;"
              "GRANT USAGE ON SCHEMA public, events TO plain_writer;"
              "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA events TO plain_writer");
    }

    static PostgresCluster& cluster() { return postgres_cluster(); }

    [[nodiscard]] static std::string as_plain_writer(std::string url) {
        return url.replace(url.find("postgres@"), 9, "plain_writer@");
    }

    /// What the store says when it refuses; an SQLSTATE with "content" where it is the events'.
    [[nodiscard]] std::string refusal_of(std::span<const collector::StorableEvent> events) {
        try {
            store_.store(events);
        } catch (const postgres::Refused& refused) {
            return refused.what();
        } catch (const postgres::ContentRefused& refused) {
            return "content " + refused.sqlstate();
        }
        return "none";
    }

    std::string url_ = make_events_database();
    collector::EventTable store_{options_for(as_plain_writer(url_)), kTikTok};
};

class SomebodysRule : public RefusalTest, public ::testing::WithParamInterface<Rule> {};

TEST_P(SomebodysRule, IsToldAndTheEventsAreStoredWhenItIsMended) {
    const std::array events{tiktok_like("a", kNoon), tiktok_purchase("b", kNoon)};
    query(url_, GetParam().made);
    for (int i = 0; i < 2; ++i) {
        const auto told = refusal_of(events);
        EXPECT_THAT(told, HasSubstr(std::string{"SQLSTATE "} + GetParam().sqlstate));
        EXPECT_THAT(told, HasSubstr(GetParam().told));
    }
    query(url_, GetParam().mended);
    EXPECT_EQ(store_.store(events), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Database, SomebodysRule,
    ::testing::Values(
        Rule{"Column", "ALTER TABLE tiktok_events ADD tenant int NOT NULL",
             "ALTER TABLE tiktok_events DROP tenant", "23502", "column tenant"},
        Rule{"OurColumn", "ALTER TABLE tiktok_events ALTER video_id SET NOT NULL",
             "ALTER TABLE tiktok_events ALTER video_id DROP NOT NULL", "23502", "column video_id"},
        Rule{"Check", "ALTER TABLE tiktok_events ADD CONSTRAINT mine CHECK (followers < 10)",
             "ALTER TABLE tiktok_events DROP CONSTRAINT mine", "23514", "constraint mine"},
        Rule{"ForeignKey",
             "CREATE TABLE tenants (id text PRIMARY KEY);"
             "ALTER TABLE tiktok_events ADD CONSTRAINT mine FOREIGN KEY (user_id) REFERENCES "
             "tenants",
             "ALTER TABLE tiktok_events DROP CONSTRAINT mine", "23503", "constraint mine"},
        Rule{"UniqueIndex", "CREATE UNIQUE INDEX mine ON tiktok_events (user_id, occurred_at)",
             "DROP INDEX mine", "23505", "user_id"},
        Rule{"Trigger",
             "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
             "$$ BEGIN RAISE EXCEPTION 'no tenant is known'; END $$;"
             "CREATE TRIGGER mine BEFORE INSERT ON tiktok_events FOR EACH ROW EXECUTE FUNCTION "
             "refuse()",
             "DROP TRIGGER mine ON tiktok_events", "P0001", "no tenant is known"},
        Rule{"TriggerThatSpeaksOfContent",
             "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
             "$$ BEGIN new.country := new.username::int; RETURN new; END $$;"
             "CREATE TRIGGER mine BEFORE INSERT ON tiktok_events FOR EACH ROW EXECUTE FUNCTION "
             "refuse()",
             "DROP TRIGGER mine ON tiktok_events", "22P02", "invalid input syntax"},
        Rule{"Type", "ALTER TABLE tiktok_events ALTER username TYPE varchar(2)",
             "ALTER TABLE tiktok_events ALTER username TYPE text", "22001", "too long"},
        Rule{"Domain",
             "CREATE DOMAIN small AS bigint CONSTRAINT mine CHECK (value < 10);"
             "ALTER TABLE tiktok_events ALTER watch_time TYPE small",
             "ALTER TABLE tiktok_events ALTER watch_time TYPE bigint", "23514", "constraint mine"},
        Rule{"Policy",
             "ALTER TABLE tiktok_events ENABLE ROW LEVEL SECURITY;"
             "ALTER TABLE tiktok_events FORCE ROW LEVEL SECURITY",
             "ALTER TABLE tiktok_events DISABLE ROW LEVEL SECURITY", "42501",
             "row-level security policy"},
        Rule{"MissingRight", "REVOKE INSERT ON tiktok_events FROM plain_writer",
             "GRANT INSERT ON tiktok_events TO plain_writer", "42501", "permission denied"},
        Rule{"MissingColumn", "ALTER TABLE tiktok_events RENAME video_id TO video",
             "ALTER TABLE tiktok_events RENAME video TO video_id", "42703", "video_id"},
        Rule{"MissingTable", "ALTER TABLE tiktok_events RENAME TO elsewhere",
             "ALTER TABLE elsewhere RENAME TO tiktok_events", "42P01", "tiktok_events"}),
    [](const auto& test) { return test.param.name; });

TEST_F(RefusalTest, APolicyThatLetsThemInTakesThem) {
    query(url_,
          "ALTER TABLE tiktok_events ENABLE ROW LEVEL SECURITY;"
          "ALTER TABLE tiktok_events FORCE ROW LEVEL SECURITY;"
          "CREATE POLICY mine ON tiktok_events USING (true)");
    EXPECT_EQ(store_.store(std::array{tiktok_like("a", kNoon)}), 1U);
    EXPECT_EQ(store_.store(std::array{tiktok_like("b", kNoon)}), 1U);
}

// COPY takes a value as its column's type without a conversion: a wider column refused every event.
TEST_F(RefusalTest, ColumnsThatBecameWiderAreWrittenAllTheSame) {
    query(url_,
          "ALTER TABLE tiktok_events ALTER watch_time TYPE numeric, "
          "ALTER percentage_watched TYPE integer, ALTER video_id TYPE varchar(100)");
    EXPECT_EQ(store_.store(std::array{tiktok_like("a", kNoon)}), 1U);
    EXPECT_EQ(store_.store(std::array{tiktok_like("a", kNoon), tiktok_like("b", kNoon)}), 1U);
    EXPECT_EQ(query(url_, "SELECT sum(percentage_watched) FROM tiktok_events"), "200");
}

TEST_F(RefusalTest, NoValueIsToldWhateverAFunctionSays) {
    query(url_,
          "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
          "RAISE EXCEPTION 'refused % of % (% at %) with % and %', new.event_id, new.username, "
          "new.followers, new.occurred_at, upper(new.user_id), new.purchased_item "
          "USING DETAIL = new.username, HINT = new.user_id, COLUMN = new.purchased_item, "
          "CONSTRAINT = new.user_id, TABLE = new.profile_id; END $$;"
          "CREATE TRIGGER mine BEFORE INSERT ON tiktok_events FOR EACH ROW EXECUTE FUNCTION "
          "refuse()");
    auto event = tiktok_purchase("fb-secret-id", kNoon);
    event.event.user_id = "person-of-note";
    set_value(event.event, "user.username", Value{"Ada von Lovelace"});
    set_value(event.event, "user.followers", Value{std::int64_t{4711}});
    set_value(event.event, "engagement.profileId", Value{"ada.profile"});
    set_value(event.event, "engagement.purchasedItem", Value{"ring of gold"});
    const auto told = refusal_of(std::array{tiktok_like("other", kNoon), event});
    EXPECT_THAT(told, HasSubstr("SQLSTATE P0001"));
    EXPECT_THAT(told, HasSubstr("refused"));
    for (const auto* value : {"secret", "Ada", "Lovelace", "lovelace", "person-of-note",
                              "PERSON-OF-NOTE", "4711", "2026", "gold", "ada.profile"}) {
        EXPECT_THAT(told, Not(HasSubstr(value)));
    }
}

}  // namespace
}  // namespace events
