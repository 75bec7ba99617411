// The schema as a whole, and what docs/schema.md says of it.
#include "events_database.hpp"
#include "support/environment.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace events::postgres {
namespace {

// A name that the page does not know, or one that is gone from the database.
TEST(Schema, IsWhatItsPageLists) {
    const test::EventsDatabase db;
    const auto page = test::read_file(test::source_directory() / "docs" / "schema.md");
    const auto names = db.query(R"(
        SELECT string_agg(name, ' ' ORDER BY name) FROM (
            SELECT relname FROM pg_class WHERE relnamespace = 'events'::regnamespace
                AND relkind IN ('r', 'v', 'S') AND relname !~ '_id_seq$'
            UNION SELECT proname FROM pg_proc WHERE pronamespace = 'events'::regnamespace
        ) AS names (name))");
    EXPECT_EQ(names,
              "add_partition attached_partitions built_partitions copy_rights drop_partition "
              "erased_users erasure_list erasures event_changes event_types events_migrations "
              "grant_erasing hourly_events hours_of_rows iso_bounds make_event_table make_source "
              "mark_moved_partitions mark_partition note_changes partition_marks partition_states "
              "partitions rebuild_day retain_from retained_from segment_blob_ids segment_blobs "
              "segments sources tables_schema touched_partitions watch_partition");
    std::istringstream list{names};
    for (std::string name; list >> name;) {
        EXPECT_NE(page.find('`' + name), std::string::npos) << name;
    }
}

TEST(Schema, ExplainsEachTableAndView) {
    const test::EventsDatabase db;
    EXPECT_EQ(db.query("SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace IN "
                       "('events'::regnamespace, 'public'::regnamespace) AND NOT relispartition "
                       "AND relkind IN ('r', 'p', 'v') AND obj_description(oid) IS NULL"),
              "");
}

TEST(Schema, HasNoFunctionWhoseNamesDependOnTheSession) {
    const test::EventsDatabase db;
    EXPECT_EQ(db.query("SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = "
                       "'events'::regnamespace AND (proconfig IS NULL OR NOT EXISTS (SELECT FROM "
                       "unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%'))"),
              "");
}

TEST(Schema, NeedsNoSuperuser) {
    const test::EventsDatabase db{test::postgres_cluster().make_database(), "events", "public"};
    db.query("CREATE ROLE schema_owner LOGIN; GRANT CREATE ON DATABASE " +
             db.query("SELECT current_database()") +
             " TO schema_owner; GRANT CREATE ON SCHEMA public TO schema_owner");
    auto url = db.url();
    url.replace(url.find("postgres@"), 8, "schema_owner");
    const test::EventsDatabase owned{url, "events", "public"};
    owned.migrate();
    owned.add_day("2026-03-01", "first");
    owned.query(test::insert_event("facebook_events", "a", "2026-03-01 12:00Z"));
    EXPECT_EQ(owned.differences(), "");
    EXPECT_EQ(owned.built(), "first");
    EXPECT_EQ(db.query("SELECT count(*) FROM pg_event_trigger"), "0");
    EXPECT_EQ(db.query("SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'"), "0");
    db.query("DROP OWNED BY schema_owner CASCADE; DROP ROLE schema_owner");
}

}  // namespace
}  // namespace events::postgres
