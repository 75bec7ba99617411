// events-verify as a program, against a real PostgreSQL.
#include "common/collector/segment_upkeep.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "event_tables.hpp"
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace events::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kDay = "2026-03-01";

/// Standard output and error together.
struct Output {
    int code;
    std::string text;
};

Output verify(const std::vector<std::string>& arguments,
              std::map<std::string, std::string> environment) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    std::vector<std::string> command{(bin_directory() / "events-verify").string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto status = run({.command = std::move(command),
                             .environment = std::move(environment),
                             .output = output,
                             .user = {}});
    return {status.code, read_file(output)};
}

class Verify : public ::testing::Test {
  protected:
    Verify() {
        for (const auto source : {kFacebook, kTikTok}) {
            tables.add_day(source, kDay);
            tables.store(source, kDay, "one", 3'000);
            tables.store(source, kDay, "two", 1'000);
        }
    }

    [[nodiscard]] Output run_tool(const std::vector<std::string>& arguments = {"--day", kDay}) {
        return verify(arguments, {{"DATABASE_URL", tables.url()}});
    }

    [[nodiscard]] std::string segment_of(std::string_view source) {
        return tables.query("SELECT max(id) FROM segments WHERE source = '" + std::string{source} +
                            "'");
    }

    EventTables tables{postgres_cluster().make_database()};
};

TEST_F(Verify, SaysThatSegmentsAndRowsAreEqual) {
    const auto output = run_tool();
    EXPECT_EQ(output.code, 0);
    EXPECT_EQ(output.text,
              "facebook facebook_events_p20260301: equal: 4000 rows; 2 segments, 0 changes\n"
              "tiktok tiktok_events_p20260301: equal: 4000 rows; 2 segments, 0 changes\n");
}

TEST_F(Verify, CountsTheChangesOfOthersToo) {
    tables.query("DELETE FROM facebook_events WHERE event_id LIKE 'one-1%'");
    tables.query("UPDATE tiktok_events_p20260301 SET country = 'elsewhere' WHERE followers < 9000");
    tables.query(insert_events(kTikTok, "tiktok_events", kDay, "theirs", 10));
    const auto output = run_tool();
    EXPECT_EQ(output.code, 0) << output.text;
    EXPECT_THAT(output.text, AllOf(HasSubstr("facebook facebook_events_p20260301: equal: 2889"),
                                   HasSubstr("2 segments, 1111 changes")));
    EXPECT_THAT(output.text, HasSubstr("tiktok tiktok_events_p20260301: equal: 4010 rows"));
}

// Such a segment has no sums. Reading it threw, and with it every report and every merge.
TEST_F(Verify, KnowsASegmentWhoseSumsCancelEachOther) {
    tables.query("UPDATE facebook_events SET city = 'Atlantis' WHERE event_id LIKE 'one-1%'");
    collector::SegmentUpkeep upkeep{
        kFacebook, "test", {.url = config::Secret{tables.url()}, .application_name = "test"}};
    for (const auto& partition : upkeep.list()) {
        if (partition.has_changes) {
            EXPECT_EQ(upkeep.fold_changes(partition.state), 2 * 1'111);
        }
    }
    const auto output = run_tool();
    EXPECT_EQ(output.code, 0) << output.text;
    EXPECT_THAT(output.text, HasSubstr("equal: 4000 rows; 3 segments, 0 changes"));
}

TEST_F(Verify, NoticesAFlippedBit) {
    tables.query(
        "UPDATE segment_blobs SET bytes = set_bit(bytes, 77777, 1 - get_bit(bytes, 77777))"
        " WHERE id = (SELECT blob FROM segments WHERE id = " +
        segment_of("facebook") + ")");
    const auto output = run_tool();
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.text, AllOf(HasSubstr("facebook facebook_events_p20260301: DIFFERENT: 4000"),
                                   HasSubstr("segment " + segment_of("facebook") + ", part 0: "),
                                   HasSubstr("1000 rows that the segments do not have, 0 events"),
                                   HasSubstr("missing  2026-03-01T00:00:00.000000Z video.view"),
                                   HasSubstr("tiktok tiktok_events_p20260301: equal")));
}

TEST_F(Verify, NoticesAMissingSegmentAndADoubledOne) {
    tables.query("DELETE FROM segments WHERE id = " + segment_of("facebook"));
    tables.query(
        "INSERT INTO segments SELECT nextval('segments_id_seq'), source, partition, level, "
        "blob, parts, bytes, rows, is_signed, first_time, last_time, written_at, hours, "
        "funnel_stages, event_types, events, orders, revenues FROM segments WHERE id = " +
        segment_of("tiktok"));
    const auto output = run_tool();
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.text, HasSubstr("1000 rows that the segments do not have, 0 events"));
    EXPECT_THAT(output.text, HasSubstr("0 rows that the segments do not have, 1000 events"));
    EXPECT_THAT(output.text, HasSubstr("too many 2026-03-01T00:00:00.000000Z like"));
}

TEST_F(Verify, NoticesWhatWasWrittenByWhoeverPassesForACollector) {
    tables.query("BEGIN; SET LOCAL events.counted = 'on'; " +
                 insert_events(kFacebook, "facebook_events", kDay, "theirs", 1) + "; COMMIT");
    const auto output = run_tool({"--day", kDay, "--source", "facebook"});
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.text,
                AllOf(HasSubstr("1 rows that the segments do not have, 0 events of segments"),
                      HasSubstr("missing  2026-03-01T00:00:00.000000Z video.view"),
                      HasSubstr("SELECT \"events\".rebuild_day('facebook', '2026-03-01');"),
                      Not(HasSubstr("tiktok"))));
}

TEST_F(Verify, NoticesASingleValueThatChangedBehindTheTriggers) {
    tables.query("ALTER TABLE facebook_events_p20260301 DISABLE TRIGGER USER");
    tables.query("UPDATE facebook_events_p20260301 SET city = 'Atlantis' WHERE event_id = 'one-9'");
    const auto output = run_tool();
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.text,
                AllOf(HasSubstr("1 rows that the segments do not have, 1 events of segments"),
                      HasSubstr("missing  2026-03-01T00:01:03.000117Z video.view"),
                      HasSubstr("too many 2026-03-01T00:01:03.000117Z video.view")));
    EXPECT_THAT(output.text, AllOf(Not(HasSubstr("Atlantis")), Not(HasSubstr("city 9")),
                                   Not(HasSubstr("user 4"))))
        << "what may be of a person is not for a terminal";
}

// Totals and series are answered from the sums alone.
TEST_F(Verify, NoticesSumsThatAreNotThoseOfTheEvents) {
    tables.query("UPDATE segments SET revenues[1] = revenues[1] + 0.01 WHERE id = " +
                 segment_of("tiktok"));
    const auto output = run_tool();
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.text, AllOf(HasSubstr("DIFFERENT: 4000 rows"),
                                   HasSubstr("segment " + segment_of("tiktok") + ": its counts"),
                                   HasSubstr("rebuild_day('tiktok', '2026-03-01')")));
}

TEST_F(Verify, TellsOfPartitionsThatAreNotBuilt) {
    tables.query(insert_events(kFacebook, "facebook_events_p20260301", kDay, "theirs", 10));
    const auto output = run_tool({"--all"});
    EXPECT_EQ(output.code, 0) << "reports read the rows";
    EXPECT_THAT(output.text, AllOf(HasSubstr("facebook_events_p20260301: not built"),
                                   HasSubstr("facebook facebook_events_before_2004: equal: 0 rows"),
                                   HasSubstr("tiktok tiktok_events_before_2004: equal: 0 rows")));
}

TEST_F(Verify, SaysWhatItCouldNotDo) {
    EXPECT_EQ(run_tool({}).code, 2);
    EXPECT_EQ(run_tool({"--day", "yesterday"}).code, 2);
    EXPECT_EQ(run_tool({"--all", "--day", kDay}).code, 2);
    const auto none = run_tool({"--day=2026-02-28"});
    EXPECT_EQ(none.code, 2);
    EXPECT_THAT(none.text, HasSubstr("no partition has such events"));
    const auto nowhere =
        verify({"--all"}, {{"DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/d"}});
    EXPECT_EQ(nowhere.code, 2);
    EXPECT_THAT(nowhere.text, AllOf(HasSubstr("events-verify: "), Not(HasSubstr("hunter2"))));
    EXPECT_EQ(verify({"--help"}, {}).code, 0);
    EXPECT_EQ(verify({"--version"}, {}).code, 0);
}

TEST(VerifyInOtherSchemas, NamesTheSchemaOfItsFunctions) {
    const auto url = postgres_cluster().make_database();
    query(url, "CREATE SCHEMA shop");
    EventTables tables{url + "?schema=shop", "second"};
    tables.add_day(kFacebook, kDay);
    tables.store(kFacebook, kDay, "one", 100);
    const std::map<std::string, std::string> environment{{"DATABASE_URL", tables.url()},
                                                         {"DATABASE_SCHEMA", "second"}};
    EXPECT_EQ(verify({"--all"}, environment).code, 0);
    tables.query("DELETE FROM segments");
    const auto output = verify({"--all"}, environment);
    EXPECT_EQ(output.code, 1);
    const std::string statement = R"(SELECT "second".rebuild_day('facebook', '2026-03-01');)";
    EXPECT_THAT(output.text, HasSubstr(statement));
    EXPECT_EQ(query(url, statement), "1");
    EXPECT_THAT(verify({"--all"}, environment).text, HasSubstr("not built"));
}

}  // namespace
}  // namespace events::test
