// Where a row can be copied to by its partition's own name, and where it can't.
#include "common/postgres/partition_map.hpp"

#include "common/sources/facebook.hpp"
#include "events_database.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace events::postgres {
namespace {

using namespace std::chrono;

constexpr sys_days kDay{2026y / 3 / 1};

class PartitionMapTest : public ::testing::Test {
  protected:
    [[nodiscard]] Connection connect(const std::string& role = "postgres") const {
        auto url = db_.url();
        const std::string owner = "//postgres@";
        url.replace(url.find(owner), owner.size(), "//" + role + "@");
        return {{.url = config::Secret{url}, .application_name = "map-test"}, {}};
    }
    /// The table that a new map finds for a time, "" for none.
    [[nodiscard]] std::string found(Timestamp time, const std::string& role = "postgres") const {
        PartitionMap map{kFacebook};
        auto connection = connect(role);
        map.ensure(connection, std::array{floor<days>(time)});
        const auto* partition = map.find(time);
        return partition == nullptr ? "" : partition->table;
    }
    std::string query(const std::string& sql) const { return db_.query(sql); }

    test::EventsDatabase db_;
};

TEST_F(PartitionMapTest, MakesADayAndKnowsItFromThenOn) {
    PartitionMap map{kFacebook};
    auto connection = connect();
    EXPECT_EQ(map.find(kDay), nullptr);
    map.ensure(connection, std::array{kDay, kDay + days{1}});
    const auto* partition = map.find(kDay + 12h);
    ASSERT_NE(partition, nullptr);
    EXPECT_EQ(partition->table, "public.facebook_events_p20260301");
    EXPECT_EQ(std::to_string(partition->oid),
              query("SELECT 'facebook_events_p20260301'::regclass::oid"));
    EXPECT_EQ(partition->first, kDay);
    EXPECT_EQ(partition->until, kDay + days{1});
    EXPECT_EQ(map.find(kDay + days{1} - 1us), partition);
    EXPECT_EQ(map.find(kDay + days{1})->table, "public.facebook_events_p20260302");
    EXPECT_EQ(map.find(kDay + days{2}), nullptr);
    EXPECT_EQ(map.find(kDay - 1us), nullptr);

    query("DROP TABLE facebook_events_p20260301");
    map.ensure(connection, std::array{kDay});
    EXPECT_NE(map.find(kDay), nullptr) << "no statement where all is known";
    map.forget();
    EXPECT_EQ(map.find(kDay), nullptr);
    map.ensure(connection, std::array{kDay});
    EXPECT_NE(map.find(kDay), nullptr);
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events_p20260301"), "0");
}

TEST_F(PartitionMapTest, FindsThePartitionOfEverythingBefore2004) {
    EXPECT_EQ(found(sys_days{1999y / 1 / 1} + 3h), "public.facebook_events_before_2004");
    EXPECT_EQ(found(sys_days{2003y / 12 / 31} + 23h), "public.facebook_events_before_2004");
    EXPECT_EQ(found(sys_days{2004y / 1 / 1}), "public.facebook_events_p20040101");
}

TEST_F(PartitionMapTest, FindsAnOperatorsPartitionsWhateverTheirBoundsAndNames) {
    query(
        "CREATE SCHEMA \"Archive, old\"; CREATE TABLE \"Archive, old\".\"the \"\"month\"\"\" "
        "PARTITION OF facebook_events FOR VALUES FROM ('2026-02-01Z') TO ('2026-03-01 06:00Z');"
        "CREATE TABLE public.noon PARTITION OF facebook_events FOR VALUES FROM ('2026-03-01 "
        "12:00Z') TO "
        "('2026-03-01 13:00Z')");
    EXPECT_EQ(found(kDay + 5h), R"("Archive, old"."the ""month""")");
    EXPECT_EQ(found(kDay + 6h), "public.facebook_events_p20260301");
    EXPECT_EQ(found(kDay + 12h), "public.noon");
    EXPECT_EQ(found(kDay + 13h), "public.facebook_events_p20260301_2");
    query(
        "CREATE TABLE public.future PARTITION OF facebook_events FOR VALUES FROM ('2027-01-01Z') "
        "TO "
        "(MAXVALUE)");
    EXPECT_EQ(found(sys_days{2030y / 1 / 1}), "public.future");
}

TEST_F(PartitionMapTest, FindsNoneWhereRowsHaveToGoThroughTheParent) {
    query(
        "CREATE TABLE rest PARTITION OF facebook_events DEFAULT; "
        "CREATE TABLE april PARTITION OF facebook_events FOR VALUES FROM ('2026-04-01Z') TO "
        "('2026-05-01Z') PARTITION BY HASH (event_id);" +
        test::insert_event("facebook_events", "a", "2026-03-01 12:00Z"));
    EXPECT_EQ(found(kDay + 1h), "") << "a default partition has rows of the day";
    EXPECT_EQ(found(sys_days{2026y / 4 / 2}), "") << "partitioned itself";
    EXPECT_EQ(found(kDay + days{1}), "public.facebook_events_p20260302");
    query("ALTER TABLE facebook_events_p20260302 ENABLE ROW LEVEL SECURITY");
    EXPECT_NE(found(kDay + days{1}), "") << "not a superuser's matter";
}

constexpr auto kMakeWriter =
    "CREATE ROLE map_writer LOGIN; GRANT USAGE ON SCHEMA events TO map_writer; "
    "GRANT SELECT ON ALL TABLES IN SCHEMA events TO map_writer; "
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA events TO map_writer; "
    "GRANT INSERT, SELECT ON facebook_events TO map_writer";

TEST_F(PartitionMapTest, MindsRightsPoliciesAndTriggers) {
    query(kMakeWriter);
    const auto day = "public.facebook_events_p20260301";
    EXPECT_EQ(found(kDay, "map_writer"), day) << "a new partition has its parent's rights";
    query(
        "CREATE TRIGGER theirs AFTER INSERT ON facebook_events EXECUTE FUNCTION "
        "suppress_redundant_updates_trigger()");
    EXPECT_EQ(found(kDay, "map_writer"), "");
    query("ALTER TABLE facebook_events DISABLE TRIGGER theirs");
    EXPECT_EQ(found(kDay, "map_writer"), day);
    query("ALTER TABLE facebook_events ENABLE ROW LEVEL SECURITY");
    EXPECT_EQ(found(kDay, "map_writer"), "");
    EXPECT_EQ(found(kDay + days{1}, "map_writer"), "");
    EXPECT_EQ(query("SELECT has_table_privilege('map_writer', 'facebook_events_p20260302', "
                    "'SELECT')"),
              "f")
        << "the parent's policies don't hold for it";
    query("ALTER TABLE facebook_events DISABLE ROW LEVEL SECURITY");
    EXPECT_EQ(found(kDay, "map_writer"), day);
    EXPECT_EQ(found(kDay + days{1}, "map_writer"), "") << "no right to insert";
    query("DROP OWNED BY map_writer; DROP ROLE map_writer");
}

}  // namespace
}  // namespace events::postgres
