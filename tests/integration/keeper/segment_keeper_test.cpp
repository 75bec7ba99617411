#include "common/collector/segment_keeper.hpp"

#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "keeper_fixture.hpp"
#include "support/await.hpp"
#include "support/log_lines.hpp"
#include "support/postgres_cluster.hpp"
#include "support/tcp_proxy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

namespace events::collector {
namespace {

using namespace test;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Of a test that stops a transaction midway.
constexpr auto kPauseLock = 42;

SegmentKeeperOptions eager() {
    return {.interval = 5ms,
            .sweep_every = 20ms,
            .check_every = 5ms,
            .build_again = 1ms,
            .limits = {.fold = 4,
                       .fold_after = -1s,
                       .fan_in = 3,
                       .max_inputs = 8,
                       .quiet = 0s,
                       .signed_for = 0s},
            .merging = {.rows_per_part = 50}};
}

class SegmentKeeperTest : public KeeperTest {
  protected:
    /// A keeper with a log and metrics of its own.
    struct Kept {
        Kept(Source source, const postgres::Options& database, const SegmentKeeperOptions& options)
            : keeper{source, database, make_log(lines, logging::Level::debug), metrics, options} {}

        [[nodiscard]] bool shows(const std::string& metric) const {
            return metrics.text().find(metric) != std::string::npos;
        }

        std::shared_ptr<LogLines> lines = std::make_shared<LogLines>();
        metrics::Registry metrics;
        SegmentKeeper keeper;
    };

    std::unique_ptr<Kept> keep(Source source = kFacebook,
                               const SegmentKeeperOptions& options = eager()) {
        auto kept = std::make_unique<Kept>(source, KeeperTest::options(), options);
        kept->keeper.start();
        return kept;
    }

    void collect_batches(int batches) {
        for (int batch = 0; batch < batches; ++batch) {
            collect("facebook_day", make_rows(kFacebook, 30, 0, next_seed_++));
        }
    }

    /// Everything is built, in one segment a partition, and nothing waits.
    [[nodiscard]] bool is_tidy() const {
        return query(
                   "SELECT NOT EXISTS (SELECT FROM event_changes) "
                   "AND NOT EXISTS (SELECT FROM partition_states WHERE NOT is_built AND is_plain) "
                   "AND NOT EXISTS (SELECT FROM segments WHERE is_signed) "
                   "AND coalesce((SELECT max(count) FROM (SELECT count(*) FROM segments "
                   "GROUP BY partition) AS counts), 0) <= 2") == "t";
    }

    std::uint64_t next_seed_ = 1;
};

TEST_F(SegmentKeeperTest, FoldsMergesAndBuilds) {
    collect_batches(10);
    query(insert("facebook_events", make_rows(kFacebook, 20, 0, 80)));
    query("DELETE FROM facebook_events WHERE event_id LIKE '1-%'");
    query(insert("tiktok_day", make_rows(kTikTok, 200, 0, 81)));
    const auto facebook = keep();
    const auto tiktok = keep(kTikTok);
    EXPECT_TRUE(await([&] { return is_tidy() && count("segments") == 2; })) << count("segments");
    EXPECT_EQ(expect_exact(), 4);
    // Told once the transaction is over, and so after what it did is seen.
    EXPECT_TRUE(await([&] { return facebook->shows("segment_changes_folded_total 50"); }));
    EXPECT_TRUE(await([&] { return tiktok->shows("segments_rebuilt_total 1"); }));
    EXPECT_TRUE(await([&] { return tiktok->shows("unbuilt_partitions 0"); }));
    EXPECT_TRUE(await([&] { return tiktok->lines->has("a partition's segments are built"); }));
}

TEST_F(SegmentKeeperTest, NoticesFlippedBits) {
    collect_batches(10);
    const auto kept = keep();
    EXPECT_TRUE(await([&] { return is_tidy(); }));
    query(
        "UPDATE segment_blobs SET bytes = set_byte(bytes, 200, get_byte(bytes, 200) # 1) "
        "WHERE id = (SELECT max(blob) FROM segments)");
    EXPECT_TRUE(await([&] { return kept->lines->has("a segment is damaged"); }));
    EXPECT_TRUE(await([&] { return kept->shows("segments_rebuilt_total 1") && is_tidy(); }));
    expect_exact();
}

TEST_F(SegmentKeeperTest, StopsInTheMiddleOfABuild) {
    query(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "PERFORM pg_advisory_xact_lock_shared(42); RETURN NULL; END$$; "
        "CREATE TRIGGER hold AFTER INSERT ON segment_blobs EXECUTE FUNCTION hold()");
    query(insert("facebook_day", make_rows(kFacebook, 300, 0, 1)));
    pqxx::connection holder{url_};
    pqxx::work hold{holder};
    hold.exec(fmt::format("SELECT pg_advisory_xact_lock({})", kPauseLock));
    const auto kept = keep();
    EXPECT_TRUE(await([&] {
        return count("pg_locks WHERE locktype = 'advisory' AND objid = 42 AND NOT granted") == 1;
    }));
    kept->keeper.stop();  // returns, though nothing goes on
    hold.abort();
    EXPECT_FALSE(is_built("facebook_day"));
    const auto next = keep();
    EXPECT_TRUE(await([&] { return is_tidy(); }));
    expect_exact();
}

TEST_F(SegmentKeeperTest, GoesOnAfterItsConnectionsBroke) {
    TcpProxy proxy{postgres_cluster().port()};
    auto url = url_;
    const auto port = std::to_string(postgres_cluster().port());
    url.replace(url.find(":" + port) + 1, port.size(), std::to_string(proxy.port()));
    Kept kept{kFacebook, KeeperTest::options(url), eager()};
    kept.keeper.start();
    for (int round = 0; round < 8; ++round) {
        collect_batches(3);
        query(insert("facebook_day", make_rows(kFacebook, 40, 0, next_seed_++)));
        proxy.set(ProxyMode::reset);
        expect_exact();
        ASSERT_TRUE(await([&] { return kept.lines->has("the segments fall behind"); }));
        proxy.set(ProxyMode::pass);
        expect_exact();
    }
    EXPECT_TRUE(await([&] { return is_tidy(); }));
    expect_exact();
}

/// Whoever writes, whatever becomes of the partitions, and however many keepers are at work.
TEST_F(SegmentKeeperTest, KeepsReportsExact) {
    const auto first = keep();
    const auto second = keep();
    query(
        "SELECT add_partition('facebook', 'facebook_next', '2026-03-02 00:00:00+00', "
        "'2026-03-03 00:00:00+00')");
    std::atomic<bool> ended{false};
    std::mutex definitions;  // TRUNCATE and DROP reach into older snapshots
    std::atomic<bool> defines{false};
    std::jthread checker{[&] {
        while (!ended) {
            defines.wait(true);  // a mutex alone would starve it
            const std::lock_guard lock{definitions};
            expect_exact();
        }
    }};
    const auto any_row = [&] { return make_rows(kFacebook, 1, 0, next_seed_++); };
    const std::function<void()> writes[]{
        [&] { collect_batches(2); },
        [&] { query(insert("facebook_events", any_row())); },
        [&] { query(insert("facebook_day", any_row())); },
        [&] {
            query(fmt::format("DELETE FROM facebook_events WHERE event_id LIKE '{}-%'",
                              next_seed_ / 2));
        },
        [&] {
            query(
                "UPDATE facebook_day SET country = country || '!', occurred_at = "
                "greatest(occurred_at, '2026-03-01 12:00:00+00') WHERE age = 7");
        },
        [&] {
            query("BEGIN; ALTER TABLE facebook_events DETACH PARTITION facebook_day; COMMIT");
            query(insert("facebook_day", any_row()));
            query(
                "ALTER TABLE facebook_events ATTACH PARTITION facebook_day FOR VALUES FROM "
                "('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')");
        },
        [&] {
            query("DROP TABLE facebook_next");
            query(
                "SELECT add_partition('facebook', 'facebook_next', '2026-03-02 00:00:00+00', "
                "'2026-03-03 00:00:00+00')");
        },
        [&] { query("TRUNCATE facebook_day"); }};
    std::mt19937 random{5};
    for (int round = 0; round < 120; ++round) {
        const auto dice = random() % 64;
        const auto write = dice < 60 ? dice % 7 : 7;
        std::unique_lock lock{definitions, std::defer_lock};
        if (write >= 5) {
            defines = true;
            lock.lock();
        }
        writes[write]();
        defines = false;
        defines.notify_all();
    }
    ended = true;
    checker.join();
    EXPECT_TRUE(await([&] { return is_tidy(); }));
    EXPECT_EQ(expect_exact(), 5);
    EXPECT_EQ(query("SELECT count(*) FROM segment_blobs WHERE NOT EXISTS "
                    "(SELECT FROM segments WHERE blob = segment_blobs.id)"),
              "0");
}

}  // namespace
}  // namespace events::collector
