#include "common/postgres/segment_store.hpp"

#include "common/segments/segment.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "keeper_fixture.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace events::postgres {
namespace {

using namespace test;
using segments::Record;

class SegmentStoreTest : public KeeperTest {
  protected:
    /// Does that in a transaction with one snapshot.
    template <typename Work>
    auto read(Work work) {
        return connection_.read(work);
    }

    [[nodiscard]] PartitionState state_of(const std::string& table) {
        const auto wanted = oid(table);
        const auto states = read([](auto& work) { return read_partitions(work); });
        return *std::ranges::find(states, wanted, &PartitionState::partition);
    }

    /// The content of what read_rows() gives.
    Content read_content(const PartitionState& partition, std::int64_t from = kBeginning,
                         std::int64_t to = kEnd, std::size_t batch = 7) {
        return read([&](auto& work) {
            Content content;
            std::size_t most = 0;
            read_rows(work, partition, from, to, batch, [&](std::span<const Record> records) {
                most = std::max(most, records.size());
                add(partition.source, records, content);
            });
            EXPECT_LE(most, batch);
            return content;
        });
    }

    static void add(Source source, std::span<const Record> records, Content& content) {
        // Each alone: records that are equal or cancel each other stay apart.
        for (const auto& record : records) {
            auto positive = record;
            positive.taken_back = false;
            const auto segment = segments::encode(source, {&positive, 1}, {}).value();
            content[std::string{reinterpret_cast<const char*>(segment.bytes.data()),
                                segment.bytes.size()}] += record.taken_back ? -1 : 1;
        }
    }

    static Content content_of(Source source, const std::vector<SampleRow>& rows) {
        Content content;
        for (const auto& row : rows) {
            const auto record = row.record();
            add(source, {&record, 1}, content);
        }
        return content;
    }

    Connection connection_{options(), {}};
};

TEST_F(SegmentStoreTest, ListsThePartitionsWithTheirBounds) {
    query("CREATE TABLE facebook_rest PARTITION OF facebook_events DEFAULT");
    query(
        "CREATE TABLE facebook_tree PARTITION OF facebook_events FOR VALUES FROM "
        "('2026-04-01 00:00:00+00') TO ('2026-05-01 00:00:00+00') PARTITION BY RANGE "
        "(occurred_at)");
    const auto rest = state_of("facebook_rest");
    EXPECT_EQ(rest.first, kBeginning);
    EXPECT_EQ(rest.until, kEnd);
    EXPECT_TRUE(rest.is_plain);
    EXPECT_FALSE(rest.is_built);
    EXPECT_FALSE(state_of("facebook_tree").is_plain);
    const auto day = state_of("tiktok_day");
    EXPECT_EQ(day.source, kTikTok);
    EXPECT_TRUE(day.is_built);
    EXPECT_EQ(day.first, kDayBegins);
    EXPECT_EQ(day.until, kDayBegins + kDayLength);
}

TEST_F(SegmentStoreTest, KeepsASegmentWithItsSums) {
    for (const auto source : {kFacebook, kTikTok}) {
        const auto rows = make_rows(source, 300, 0, 1);
        const auto table = fmt::format("{}_day", source.name());
        collect(table, rows);
        std::vector<Record> records;
        for (const auto& row : rows) records.push_back(row.record());
        const auto expected = segments::encode(source, records, {}).value();
        read([&](auto& work) {
            const auto partitions = read_partitions(work);
            const auto listed = list_segments(work, partitions);
            const auto found = std::ranges::find(listed, oid(table), &ListedSegment::partition);
            if (found == listed.end()) throw std::runtime_error{"no segment"};
            auto stored = read_segments(work, {&found->id, 1}).at(0);
            stored.share.sums.add({});  // into its order
            EXPECT_EQ(stored.source, source);
            EXPECT_EQ(stored.level, 0);
            EXPECT_EQ(stored.parts, 1);
            EXPECT_EQ(stored.bytes, static_cast<std::int64_t>(expected.bytes.size()));
            EXPECT_EQ(stored.share.rows, 300U);
            EXPECT_EQ(stored.share.times, expected.shares[0].times);
            EXPECT_EQ(stored.share.sums, expected.shares[0].sums);
            EXPECT_EQ(read_part(work, stored.blob, 0), expected.bytes);
            return 0;
        });
    }
}

TEST_F(SegmentStoreTest, KeepsASegmentWhoseSumsAreAll0) {
    // An event that was changed in what no sum tells.
    auto rows = make_rows(kFacebook, 1, 0, 1);
    rows.push_back(rows.front());
    rows.back().country = "other";
    std::vector<Record> records{rows[0].record(), rows[1].record()};
    records[0].taken_back = true;
    const auto segment = segments::encode(kFacebook, records, {}).value();
    const SegmentShare share{.partition = oid("facebook_day"), .share = segment.shares[0]};
    connection_.transact([&](pqxx::work& work) {
        EXPECT_TRUE(store_segment(work, kFacebook, 0, {&segment.bytes, 1}, {&share, 1}, true));
    });
    read([&](auto& work) {
        const auto id = list_segments(work, read_partitions(work)).at(0).id;
        const auto stored = read_segments(work, {&id, 1}).at(0);
        EXPECT_TRUE(stored.share.sums.hours.empty());
        EXPECT_EQ(stored.share.rows, 2U);
        EXPECT_TRUE(stored.share.is_signed);
        return 0;
    });
}

TEST_F(SegmentStoreTest, KeepsSharesOfOneBlob) {
    query(
        "SELECT add_partition('facebook', 'facebook_next', '2026-03-02 00:00:00+00', "
        "'2026-03-03 00:00:00+00')");
    auto rows = make_rows(kFacebook, 50, 0, 1);
    std::ranges::copy(make_rows(kFacebook, 70, 1, 2), std::back_inserter(rows));
    std::vector<Record> records;
    for (const auto& row : rows) records.push_back(row.record());
    const std::int64_t spans[]{kDayBegins, kDayBegins + kDayLength};
    const auto segment = segments::encode(kFacebook, records, {}, spans).value();
    const SegmentShare shares[]{{.partition = oid("facebook_day"), .share = segment.shares.at(0)},
                                {.partition = oid("facebook_next"), .share = segment.shares.at(1)}};
    connection_.transact([&](pqxx::work& work) {
        EXPECT_TRUE(store_segment(work, kFacebook, 0, {&segment.bytes, 1}, shares, true));
    });
    read([&](auto& work) {
        const auto listed = list_segments(work, read_partitions(work));
        std::vector<std::int64_t> ids;
        for (const auto& entry : listed) ids.push_back(entry.id);
        auto stored = read_segments(work, ids);
        EXPECT_EQ(stored.size(), 2U);
        EXPECT_EQ(stored.at(0).blob, stored.at(1).blob);
        for (auto& one : stored) {
            one.share.sums.add({});  // into its order
            const auto& share = one.partition == shares[0].partition ? shares[0] : shares[1];
            EXPECT_EQ(one.share.rows, share.share.rows);
            EXPECT_EQ(one.share.sums, share.share.sums);
        }
        return 0;
    });
}

TEST_F(SegmentStoreTest, TellsOfAPartitionThatIsNotAttachedAnyMore) {
    const auto rows = make_rows(kFacebook, 5, 0, 1);
    const auto record = rows.front().record();
    const auto segment = segments::encode(kFacebook, {&record, 1}, {}).value();
    const auto store = [&](const std::string& table, bool attached_only) {
        const SegmentShare share{.partition = oid(table), .share = segment.shares[0]};
        return connection_.transact([&](pqxx::work& work) {
            return store_segment(work, kFacebook, 0, {&segment.bytes, 1}, {&share, 1},
                                 attached_only);
        });
    };
    EXPECT_TRUE(store("facebook_day", true));
    EXPECT_FALSE(store("tiktok_day", true)) << "of another parent";
    query("ALTER TABLE facebook_events DETACH PARTITION facebook_day");
    EXPECT_FALSE(store("facebook_day", true));
    EXPECT_TRUE(store("facebook_day", false));
}

TEST_F(SegmentStoreTest, GivesTheRowsOfAPartitionInBatches) {
    for (const auto source : {kFacebook, kTikTok}) {
        const auto rows = make_rows(source, 100, 0, 3);
        const auto table = fmt::format("{}_day", source.name());
        query(insert(table, rows));
        const auto state = state_of(table);
        EXPECT_EQ(read_content(state), content_of(source, rows));
        EXPECT_EQ(read_content(state, kBeginning, kEnd, 100), content_of(source, rows));

        const auto from = kDayBegins + kDayLength / 3;
        const auto to = rows.back().time;
        std::vector<SampleRow> within;
        std::ranges::copy_if(rows, std::back_inserter(within),
                             [&](auto& row) { return row.time >= from && row.time <= to; });
        EXPECT_EQ(read_content(state, from, to), content_of(source, within));
    }
}

TEST_F(SegmentStoreTest, GivesTheRowsOfADefaultPartitionAndOfATreeAlone) {
    query("CREATE TABLE facebook_rest PARTITION OF facebook_events DEFAULT");
    query(
        "CREATE TABLE facebook_tree PARTITION OF facebook_events FOR VALUES FROM "
        "('2026-03-03 00:00:00+00') TO ('2026-03-05 00:00:00+00') PARTITION BY RANGE "
        "(occurred_at)");
    query("CREATE TABLE leaf PARTITION OF facebook_tree DEFAULT");
    const auto rest = make_rows(kFacebook, 20, 9, 1);
    const auto tree = make_rows(kFacebook, 20, 3, 1);
    query(insert("facebook_events", make_rows(kFacebook, 20, 0, 1)));
    query(insert("facebook_events", rest));
    query(insert("facebook_events", tree));
    EXPECT_EQ(read_content(state_of("facebook_rest")), content_of(kFacebook, rest));
    EXPECT_EQ(read_content(state_of("facebook_tree")), content_of(kFacebook, tree));
}

TEST_F(SegmentStoreTest, NeedsNoRightsButThoseOnTheParent) {
    query("CREATE TABLE facebook_rest PARTITION OF facebook_events DEFAULT");
    const auto rest = make_rows(kFacebook, 20, 9, 1);
    const auto day = make_rows(kFacebook, 20, 0, 1);
    query(insert("facebook_events", rest));
    query(insert("facebook_events", day));
    const auto role = "narrow_" + url_.substr(url_.rfind('_') + 1);
    query("CREATE ROLE " + role + "; GRANT USAGE ON SCHEMA events TO " + role +
          "; GRANT SELECT ON facebook_events TO " + role);
    const auto states = std::vector{state_of("facebook_rest"), state_of("facebook_day")};
    query("REVOKE ALL ON facebook_day FROM " + role);
    connection_.guarded(
        [&](Session& session) { pqxx::nontransaction{session}.exec("SET ROLE " + role); });
    EXPECT_EQ(read_content(states[0]), content_of(kFacebook, rest));
    EXPECT_EQ(read_content(states[1]), content_of(kFacebook, day));
}

TEST_F(SegmentStoreTest, SaysThatAPartitionIsGoneSinceTheSnapshot) {
    query(insert("facebook_day", make_rows(kFacebook, 20, 0, 1)));
    const auto state = state_of("facebook_day");
    const auto role = "narrow_" + url_.substr(url_.rfind('_') + 1);
    query("CREATE ROLE " + role + "; GRANT USAGE ON SCHEMA events TO " + role +
          "; GRANT SELECT ON facebook_events TO " + role);
    // Detached behind the snapshot's back: read by its name it still has what the snapshot sees.
    const auto rows = [&](auto& work) {
        std::size_t count = 0;
        read_rows(work, state, kBeginning, kEnd, 100,
                  [&](auto records) { count += records.size(); });
        return count;
    };
    EXPECT_EQ(read([&](auto& work) {
                  work.exec("SELECT 1");
                  query("ALTER TABLE facebook_events DETACH PARTITION facebook_day");
                  return rows(work);
              }),
              20U);
    query(
        "ALTER TABLE facebook_events ATTACH PARTITION facebook_day FOR VALUES FROM "
        "('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')");
    // Through the parent it has not.
    EXPECT_THROW(read([&](auto& work) {
                     work.exec("SET LOCAL ROLE " + role);
                     query("ALTER TABLE facebook_events DETACH PARTITION facebook_day");
                     return rows(work);
                 }),
                 PartitionGone);
    EXPECT_THROW(read([&](auto& work) {
                     work.exec("SELECT 1");
                     query("ALTER TABLE facebook_day RENAME TO other");
                     return rows(work);
                 }),
                 PartitionGone);
    query("DROP TABLE other");
    EXPECT_THROW(read(rows), PartitionGone);
}

TEST_F(SegmentStoreTest, GivesChangesSigned) {
    const auto rows = make_rows(kFacebook, 30, 0, 5);
    collect("facebook_day", rows);
    const auto more = make_rows(kFacebook, 10, 0, 6);
    query(insert("facebook_events", more));
    query("DELETE FROM facebook_day WHERE event_id = '5-0-0'");
    auto expected = content_of(kFacebook, more);
    const auto record = rows.front().record();
    Content removed;
    add(kFacebook, {&record, 1}, removed);
    for (const auto& [text, count] : removed) expected[text] -= count;
    const auto state = state_of("facebook_day");
    EXPECT_EQ(read([&](auto& work) {
                  Content content;
                  read_changes(work, state, 3,
                               [&](auto records) { add(kFacebook, records, content); });
                  return content;
              }),
              expected);
    read([&](auto& work) {
        EXPECT_EQ(segments(work, oid("facebook_day")),
                  KeeperTest::rows(work, kFacebook, "facebook_day"));
        return 0;
    });
}

TEST_F(SegmentStoreTest, TakesExtremeTimesAndAmounts) {
    query("CREATE TABLE facebook_rest PARTITION OF facebook_events DEFAULT");
    const auto row = [](const std::string& id, const std::string& time, const std::string& amount) {
        return "('" + id + "', '" + time +
               "', now(), 'bottom', 'checkout.complete', 'u', 'n', 1, 'g', 'c', 'c', " + amount +
               ")";
    };
    const auto insert_into = [&](const std::string& table, const std::string& values) {
        query("INSERT INTO " + table +
              " (event_id, occurred_at, received_at, funnel_stage, event_type, user_id, name, age, "
              "gender, country, city, purchase_amount) VALUES " +
              values);
    };
    insert_into("facebook_events", row("a", "-infinity", "'NaN'") + "," +
                                       row("b", "infinity", "-999999999999.99") + "," +
                                       row("c", "294276-12-31 23:59:59+00", "-999999999999.99"));
    insert_into("facebook_events", row("d", "4713-11-24 00:00:00+00 BC", "0"));
    EXPECT_EQ(query("SELECT string_agg(revenue::text, ' ' ORDER BY time) FROM hourly_events"),
              "0 0.00 -999999999999.99 -999999999999.99");
    EXPECT_EQ(query("SELECT count(*) FROM event_changes"), "4");  // of either partition
    using Seen = std::map<std::int64_t, std::optional<std::int64_t>>;
    Seen seen;
    for (const auto* table : {"facebook_rest", "facebook_events_before_2004"}) {
        const auto state = state_of(table);
        read([&](auto& work) {
            read_rows(work, state, kBeginning, kEnd, 10, [&](auto records) {
                for (const auto& record : records) {
                    seen[record.occurred_at.time_since_epoch().count()] = record.revenue;
                    // They can be a segment, which says the same.
                    const auto made = segments::encode(state.source, {&record, 1}, {}).value();
                    EXPECT_EQ(made.shares[0].times.first,
                              record.occurred_at.time_since_epoch().count());
                }
            });
            return 0;
        });
    }
    EXPECT_EQ(seen, (Seen{{kBeginning, std::nullopt},
                          {-210'835'180'800'000'000, 0},
                          {kEnd, -99'999'999'999'999}}));
}

TEST_F(SegmentStoreTest, RefusesAnAmountThatCentsCanNotTell) {
    query(
        "DROP VIEW IF EXISTS hourly_events CASCADE; DROP SCHEMA IF EXISTS reports CASCADE; "
        "ALTER TABLE facebook_events ALTER purchase_amount TYPE numeric");
    auto rows = make_rows(kFacebook, 1, 0, 1);
    rows[0].type = "checkout.complete";
    query(insert("facebook_day", rows));
    const auto state = state_of("facebook_day");
    for (const auto* amount : {"0.001", "99999999999999999999", "'Infinity'"}) {
        query(fmt::format("UPDATE facebook_day SET purchase_amount = {}", amount));
        EXPECT_THROW(read_content(state), std::range_error) << amount;
    }
    query("UPDATE facebook_day SET purchase_amount = 1.230");
    EXPECT_NO_THROW(read_content(state));
}

}  // namespace
}  // namespace events::postgres
