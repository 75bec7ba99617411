#include "common/collector/segment_upkeep.hpp"

#include "common/postgres/error.hpp"
#include "common/sources/facebook.hpp"
#include "keeper_fixture.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>

#include <functional>
#include <future>

namespace events::collector {
namespace {

using namespace test;
using postgres::PartitionState;

/// Of a test that stops a transaction midway.
constexpr auto kMergeLock = 42;

class SegmentUpkeepTest : public KeeperTest {
  protected:
    [[nodiscard]] UpkeepPartition find(const std::string& table) {
        const auto wanted = oid(table);
        for (auto& partition : upkeep_.list()) {
            if (partition.state.partition == wanted) return partition;
        }
        throw std::runtime_error{table + " is not attached"};
    }

    [[nodiscard]] PlannedMerge all_of(const std::string& table) {
        PlannedMerge planned;
        for (const auto& segment : find(table).segments) planned.ids.push_back(segment.id);
        return planned;
    }

    /// Batches of different rows, as collectors store them.
    void collect_batches(const std::string& table, int batches, std::size_t rows = 50) {
        for (int batch = 0; batch < batches; ++batch) {
            collect(table, make_rows(kFacebook, rows, 0, next_seed_++));
        }
    }

    /// Has `event` of a row of that table call a function with that body.
    void on(const std::string& event, const std::string& table, const std::string& body,
            bool at_commit = false) const {
        const auto name = fmt::format("test_{}_{}", table, at_commit ? "commit" : "row");
        query(
            fmt::format("CREATE OR REPLACE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$BEGIN {1} RETURN NULL; END$$; DROP TRIGGER IF EXISTS {0} ON {2}; "
                        "CREATE {3}TRIGGER {0} AFTER {4} ON {2} {5}FOR EACH ROW EXECUTE FUNCTION "
                        "{0}()",
                        name, body, table, at_commit ? "CONSTRAINT " : "", event,
                        at_commit ? "DEFERRABLE INITIALLY DEFERRED " : ""));
    }

    /// Has the backend of whoever writes to our tables ended at its n-th row, or at its commit.
    void kill_at_step(int step) const {
        query(fmt::format("ALTER SEQUENCE steps RESTART; UPDATE kill_at SET step = {}", step));
    }
    void make_killers() const {
        query("CREATE SEQUENCE steps; CREATE TABLE kill_at (step) AS SELECT -1");
        for (const auto* table : {"segments", "segment_blobs", "event_changes", "partition_marks",
                                  "built_partitions"}) {
            for (const bool at_commit : {false, true}) {
                on("INSERT OR UPDATE OR DELETE", table,
                   "IF nextval('steps') = (SELECT step FROM kill_at) THEN "
                   "PERFORM pg_terminate_backend(pg_backend_pid()); END IF;",
                   at_commit);
            }
        }
    }

    /// Ends `work` at its first step, at its second, ... until it comes to its end; after each,
    /// what is stored says what it said before. How many steps it has.
    int kill_at_every_step(const std::function<void()>& prepare,
                           const std::function<void()>& work) {
        make_killers();
        for (int step = 1;; ++step) {
            prepare();
            const auto before = stored();
            kill_at_step(step);
            bool is_killed = false;
            try {
                work();
            } catch (const postgres::Unavailable&) {
                is_killed = true;
            }
            kill_at_step(-1);
            if (!is_killed) return step;
            EXPECT_EQ(stored(), before) << "killed at step " << step;
            expect_exact();
        }
    }

    /// Everything of ours but the bytes.
    [[nodiscard]] std::string stored() const {
        return query(
            "SELECT concat((SELECT string_agg(s::text, ' ' ORDER BY id) FROM segments s), "
            "(SELECT string_agg(concat(id, part), ' ' ORDER BY id, part) FROM segment_blobs), "
            "(SELECT string_agg(c::text, ' ' ORDER BY id) FROM event_changes c), "
            "(SELECT string_agg(m::text, ' ' ORDER BY id) FROM partition_marks m), "
            "(SELECT string_agg(b::text, ' ' ORDER BY partition) FROM built_partitions b))");
    }

    [[nodiscard]] bool is_waiting() const {
        return count(fmt::format("pg_locks WHERE locktype = 'advisory' AND objid = {} "
                                 "AND NOT granted",
                                 kMergeLock)) > 0;
    }

    SegmentUpkeep upkeep_{kFacebook, "test", options(), {.rows_per_part = 100}};
    std::uint64_t next_seed_ = 1;
};

TEST_F(SegmentUpkeepTest, MergesWithoutAnybodySeeingADifference) {
    collect_batches("facebook_day", 20);
    query("DELETE FROM facebook_day WHERE event_id LIKE '3-%'");
    EXPECT_EQ(upkeep_.fold_changes(find("facebook_day").state), 50);
    EXPECT_EQ(count("event_changes"), 0);

    // A report whose snapshot is from before, and goes on meanwhile.
    postgres::Connection report{options(), {}};
    report.read([&](auto& work) {
        expect_exact(work);
        EXPECT_TRUE(upkeep_.merge(all_of("facebook_day")));
        expect_exact(work);
        return 0;
    });
    expect_exact();
    EXPECT_EQ(query("SELECT concat(count(*), ' ', max(level), ' ', max(rows), ' ', max(parts) > 5, "
                    "' ', bool_or(is_signed)) FROM segments"),
              "1 1 950 t f");
    EXPECT_EQ(query("SELECT count(*) = (SELECT parts FROM segments) FROM segment_blobs"), "t");
    EXPECT_EQ(query("SELECT sum(length(bytes)) = (SELECT bytes FROM segments) FROM segment_blobs"),
              "t");
}

TEST_F(SegmentUpkeepTest, LeavesNothingOfEventsThatWereAllTakenBack) {
    collect_batches("facebook_day", 2);
    query("DELETE FROM facebook_events");
    EXPECT_EQ(upkeep_.fold_changes(find("facebook_day").state), 100);
    EXPECT_TRUE(upkeep_.merge(all_of("facebook_day")));
    EXPECT_EQ(count("segments"), 0);
    EXPECT_EQ(count("segment_blobs"), 0);
    EXPECT_EQ(expect_exact(), 4);  // and those before 2004
}

TEST_F(SegmentUpkeepTest, MergesAPartitionsShareOfABlob) {
    query(
        "SELECT add_partition('facebook', 'facebook_next', '2026-03-02 00:00:00+00', "
        "'2026-03-03 00:00:00+00')");
    auto rows = make_rows(kFacebook, 60, 0, 1);
    const auto next = make_rows(kFacebook, 40, 1, 1);
    std::vector<segments::Record> records;
    for (const auto& row : rows) records.push_back(row.record());
    for (const auto& row : next) records.push_back(row.record());
    const std::int64_t spans[]{kDayBegins, kDayBegins + kDayLength};
    const auto blob = segments::encode(kFacebook, records, {}, spans).value();
    const postgres::SegmentShare shares[]{
        {.partition = oid("facebook_day"), .share = blob.shares.at(0)},
        {.partition = oid("facebook_next"), .share = blob.shares.at(1)}};
    upkeep_.connection().transact([&](pqxx::work& work) {
        work.exec("SET LOCAL events.counted = 'on'");
        work.exec(insert("facebook_day", rows));
        work.exec(insert("facebook_next", next));
        EXPECT_TRUE(postgres::store_segment(work, kFacebook, 0, {&blob.bytes, 1}, shares, true));
    });
    expect_exact();
    EXPECT_TRUE(find("facebook_day").segments.at(0).shares_blob);
    EXPECT_TRUE(upkeep_.merge(all_of("facebook_day")));
    expect_exact();
    EXPECT_EQ(count("segment_blobs"), 2);
    EXPECT_FALSE(find("facebook_next").segments.at(0).shares_blob);
    EXPECT_TRUE(upkeep_.merge(all_of("facebook_next")));
    expect_exact();
    EXPECT_EQ(count("segment_blobs"), 2);
}

TEST_F(SegmentUpkeepTest, MergesNothingThatIsNotAsItWasListed) {
    collect_batches("facebook_day", 4);
    auto planned = all_of("facebook_day");
    planned.ids.push_back(1'000'000);
    EXPECT_FALSE(upkeep_.merge(planned));
    EXPECT_EQ(count("segments"), 4);
    planned.ids.pop_back();
    EXPECT_TRUE(upkeep_.merge(planned));
    EXPECT_FALSE(upkeep_.merge(planned));
    expect_exact();
}

TEST_F(SegmentUpkeepTest, StaysOutOfALaneThatSomebodyIsIn) {
    collect_batches("facebook_day", 2);
    const auto planned = all_of("facebook_day");
    SegmentUpkeep other{kFacebook, "test", options()};
    on("INSERT", "segment_blobs",
       fmt::format("PERFORM pg_advisory_xact_lock_shared({});", kMergeLock));
    pqxx::connection holder{url_};
    pqxx::work hold{holder};
    hold.exec(fmt::format("SELECT pg_advisory_xact_lock({})", kMergeLock));
    auto merged = std::async(std::launch::async, [&] { return upkeep_.merge(planned); });
    EXPECT_TRUE(await([&] { return is_waiting(); }));
    EXPECT_FALSE(other.merge(planned));
    hold.abort();
    EXPECT_TRUE(merged.get());
    expect_exact();
}

TEST_F(SegmentUpkeepTest, BuildsWhatItCanNotKnow) {
    collect_batches("facebook_day", 2);
    const auto build = [&](const std::string& table) {
        EXPECT_FALSE(is_built(table));
        const auto rows = upkeep_.build(find(table).state);
        EXPECT_TRUE(is_built(table));
        expect_exact();
        return rows.value();
    };
    query(insert("facebook_day", make_rows(kFacebook, 30, 0, 90)));  // by its own name
    EXPECT_EQ(build("facebook_day"), 130);
    query("TRUNCATE facebook_events");
    EXPECT_EQ(build("facebook_day"), 0);
    query(insert("facebook_day", make_rows(kFacebook, 1'300, 0, 91)));
    EXPECT_EQ(build("facebook_day"), 1'300);
    test::query(url_, "VACUUM FULL facebook_day");
    EXPECT_EQ(build("facebook_day"), 1'300);

    query("CREATE TABLE mine (LIKE facebook_events INCLUDING ALL)");
    query(insert("mine", make_rows(kFacebook, 70, 5, 92)));
    query(
        "ALTER TABLE facebook_events ATTACH PARTITION mine FOR VALUES FROM "
        "('2026-03-06 00:00:00+00') TO ('2026-03-07 00:00:00+00')");
    EXPECT_EQ(build("mine"), 70);
    query("DELETE FROM mine WHERE event_id = '92-5-0'");  // it is watched now
    EXPECT_EQ(count("event_changes"), 1);
    query(insert("mine", make_rows(kFacebook, 5, 5, 93)));
    EXPECT_EQ(build("mine"), 74);
    query("CREATE TABLE rest PARTITION OF facebook_events DEFAULT");
    query(insert("facebook_events", make_rows(kFacebook, 5, 50, 94)));
    EXPECT_EQ(build("rest"), 5);
    query("SELECT rebuild_day('facebook', '2026-03-01')");
    EXPECT_EQ(build("facebook_day"), 1'300);
}

TEST_F(SegmentUpkeepTest, KeepsWhatComesWhileItBuilds) {
    collect_batches("facebook_day", 3);
    query(insert("facebook_day", make_rows(kFacebook, 500, 0, 90)));
    on("INSERT", "segment_blobs",
       fmt::format("IF current_setting('application_name') = 'builder' THEN "
                   "PERFORM pg_advisory_xact_lock_shared({}); END IF;",
                   kMergeLock));
    auto builder_options = options();
    builder_options.application_name = "builder";
    SegmentUpkeep builder{kFacebook, "test", builder_options, {.rows_per_part = 100}};
    const auto state = find("facebook_day").state;
    pqxx::connection holder{url_};
    pqxx::work hold{holder};
    hold.exec(fmt::format("SELECT pg_advisory_xact_lock({})", kMergeLock));
    auto built = std::async(std::launch::async, [&] { return builder.build(state); });
    EXPECT_TRUE(await([&] { return is_waiting(); }));
    // Nobody waits for it.
    collect_batches("facebook_day", 1);
    query(insert("facebook_events", make_rows(kFacebook, 20, 0, 95)));
    query("DELETE FROM facebook_events WHERE event_id LIKE '1-%' OR event_id = '95-0-3'");
    hold.abort();
    EXPECT_EQ(built.get(), 650);
    EXPECT_TRUE(is_built("facebook_day"));
    expect_exact();

    // A mark that comes meanwhile stays.
    query("SELECT rebuild_day('facebook', '2026-03-01')");
    pqxx::work again{holder};
    again.exec(fmt::format("SELECT pg_advisory_xact_lock({})", kMergeLock));
    built = std::async(std::launch::async, [&] { return builder.build(state); });
    EXPECT_TRUE(await([&] { return is_waiting(); }));
    query(insert("facebook_day", make_rows(kFacebook, 7, 0, 96)));
    again.abort();
    EXPECT_EQ(built.get(), 650 + 50 + 20 - 51);
    EXPECT_FALSE(is_built("facebook_day"));
    EXPECT_EQ(builder.build(state), 650 + 50 + 20 - 51 + 7);
    EXPECT_TRUE(is_built("facebook_day"));
    expect_exact();
}

TEST_F(SegmentUpkeepTest, DoesNotMakeWritersWaitForItsTriggers) {
    query(
        "CREATE TABLE mine (LIKE facebook_events INCLUDING ALL); ALTER TABLE facebook_events "
        "ATTACH PARTITION mine FOR VALUES FROM ('2026-03-06 00:00:00+00') TO "
        "('2026-03-07 00:00:00+00')");
    const auto state = find("mine").state;
    pqxx::connection connection{url_};
    pqxx::work writer{connection};
    writer.exec(insert("events.mine", make_rows(kFacebook, 1, 5, 1)));
    try {
        upkeep_.build(state);
        ADD_FAILURE() << "it has made triggers beside a writer";
    } catch (const postgres::Unavailable& error) {
        EXPECT_EQ(error.cause(), postgres::Cause::locked);
    }
    writer.commit();
    EXPECT_EQ(upkeep_.build(state), 1);
}

TEST_F(SegmentUpkeepTest, BuildsNoPartitionThatIsGone) {
    collect_batches("facebook_day", 1);
    const auto state = find("facebook_day").state;
    query("ALTER TABLE facebook_events DETACH PARTITION facebook_day");
    EXPECT_EQ(upkeep_.build(state), std::nullopt);
    EXPECT_EQ(count("segments"), 1) << "it may come back";
    query("DROP TABLE facebook_day");
    EXPECT_EQ(upkeep_.build(state), std::nullopt);
    upkeep_.sweep();
    EXPECT_EQ(count("segments"), 0);
}

TEST_F(SegmentUpkeepTest, CanBeKilledAtEveryStepOfAMerge) {
    const auto steps = kill_at_every_step(
        [&] {
            if (count("segments") == 0) collect_batches("facebook_day", 2);
        },
        [&] { upkeep_.merge(all_of("facebook_day")); });
    EXPECT_GT(steps, 6);
    EXPECT_EQ(count("segments"), 1);
    expect_exact();
}

TEST_F(SegmentUpkeepTest, CanBeKilledAtEveryStepOfFoldingChanges) {
    const auto steps = kill_at_every_step(
        [&] {
            if (count("segments") > 0) return;
            collect_batches("facebook_day", 1);
            query("DELETE FROM facebook_day WHERE event_id IN ('1-0-1', '1-0-2')");
        },
        [&] { upkeep_.fold_changes(find("facebook_day").state); });
    EXPECT_GT(steps, 4);
    EXPECT_EQ(count("event_changes"), 0);
    expect_exact();
}

TEST_F(SegmentUpkeepTest, CanBeKilledAtEveryStepOfABuild) {
    collect_batches("facebook_day", 2);
    const auto steps = kill_at_every_step(
        [&] {
            if (!is_built("facebook_day")) return;
            query(insert("facebook_day", make_rows(kFacebook, 1, 0, 90)));
        },
        [&] { upkeep_.build(find("facebook_day").state); });
    EXPECT_GT(steps, 8);
    EXPECT_TRUE(is_built("facebook_day"));
    expect_exact();
}

TEST_F(SegmentUpkeepTest, NoticesDamage) {
    collect_batches("facebook_day", 2);
    EXPECT_TRUE(upkeep_.merge(all_of("facebook_day")));
    for (int part = 0; part < 2; ++part) EXPECT_NO_THROW(upkeep_.check_next_part());
    // From the blob's start, whatever was checked before.
    SegmentUpkeep fresh{kFacebook, "test", options()};
    query(
        "UPDATE segment_blobs SET bytes = set_byte(bytes, length(bytes) / 2, "
        "get_byte(bytes, length(bytes) / 2) # 4) WHERE part = 0");
    EXPECT_THROW(fresh.check_next_part(), postgres::DamagedSegment);
    collect_batches("facebook_day", 1);
    EXPECT_THROW(upkeep_.merge(all_of("facebook_day")), postgres::DamagedSegment);
    query("DELETE FROM segment_blobs WHERE part = 0");
    try {
        upkeep_.merge(all_of("facebook_day"));
        ADD_FAILURE() << "a part is not there";
    } catch (const postgres::DamagedSegment& damage) {
        upkeep_.mark(damage.blob());
        upkeep_.mark(damage.blob());
    }
    EXPECT_EQ(count("partition_marks"), 1);
    EXPECT_EQ(upkeep_.build(find("facebook_day").state), 150);
    expect_exact();
}

TEST_F(SegmentUpkeepTest, SweepsWhatNobodyNeeds) {
    collect_batches("facebook_day", 2);
    query(
        "SELECT add_partition('facebook', 'facebook_next', '2026-03-02 00:00:00+00', "
        "'2026-03-03 00:00:00+00')");
    collect("facebook_next", make_rows(kFacebook, 10, 1, 1));
    query(insert("facebook_events", make_rows(kFacebook, 10, 1, 2)));
    query("SELECT rebuild_day('facebook', '2026-03-02')");
    query("INSERT INTO segment_blobs VALUES (nextval('segment_blob_ids'), 0, 'x')");
    query("DROP TABLE facebook_next");
    upkeep_.sweep();
    EXPECT_EQ(count("segments"), 2);
    EXPECT_EQ(count("segment_blobs"), 2);
    EXPECT_EQ(count("event_changes"), 0);
    EXPECT_EQ(count("partition_marks"), 0);
    EXPECT_EQ(count("built_partitions WHERE source = 'facebook'"), 2);
    expect_exact();
}

TEST_F(SegmentUpkeepTest, MakesIndexesForLookUpsById) {
    query("DROP TABLE facebook_events_before_2004");
    EXPECT_EQ(upkeep_.index_event_ids(), "facebook_day");
    EXPECT_EQ(upkeep_.index_event_ids(), std::nullopt);
    query(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = "
        "'facebook_day_event_id'::regclass");
    EXPECT_EQ(upkeep_.index_event_ids(), "facebook_day") << "of one that was not finished";
    query(
        "SELECT add_partition('facebook', 'future', '2126-03-02 00:00:00+00', "
        "'2126-03-03 00:00:00+00')");
    EXPECT_EQ(upkeep_.index_event_ids(), std::nullopt);
}

}  // namespace
}  // namespace events::collector
