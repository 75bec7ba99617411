#include "common/collector/event_table.hpp"
#include "common/postgres/error.hpp"
#include "common/sources/facebook.hpp"
#include "sample_events.hpp"
#include "support/postgres_cluster.hpp"
#include "support/segment_recount.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <future>
#include <latch>
#include <random>
#include <vector>

namespace events {
namespace {

using namespace std::chrono;
using namespace test;

std::vector<std::string> make_ids(int count) {
    std::vector<std::string> ids;
    for (int number = 0; number < count; ++number) ids.push_back("fb-" + std::to_string(number));
    return ids;
}

/// Stores in batches of 100, as a collector does: an Unavailable is tried again.
std::size_t store_all(collector::EventTable& store,
                      std::span<const collector::StorableEvent> events) {
    std::size_t added = 0;
    while (!events.empty()) {
        const auto batch = events.first(std::min<std::size_t>(100, events.size()));
        try {
            added += store.store(batch);
            events = events.subspan(batch.size());
        } catch (const postgres::Unavailable&) {
            continue;
        }
    }
    return added;
}

TEST(EventTable, CountsAnEventOnceHoweverManyWritersStoreItInWhateverOrder) {
    constexpr int kWriters = 4;
    const auto url = make_events_database();
    const auto ids = make_ids(3'000);
    std::latch start{kWriters};
    std::vector<std::future<std::size_t>> writers;
    for (unsigned writer = 0; writer < kWriters; ++writer) {
        writers.push_back(std::async(std::launch::async, [&, writer] {
            // Each has all but a tenth of the events, over four days, in an order of its own.
            std::vector<collector::StorableEvent> events;
            for (std::size_t index = 0; index < ids.size(); ++index) {
                if (index % 10 == writer) continue;
                events.push_back(facebook_view(ids[index], kNoon + days{index % 4}));
            }
            std::ranges::shuffle(events, std::mt19937{writer});
            collector::EventTable store{options_for(url), kFacebook};
            start.arrive_and_wait();
            return store_all(store, events);
        }));
    }
    std::size_t added = 0;
    for (auto& writer : writers) added += writer.get();
    EXPECT_EQ(added, ids.size());
    EXPECT_EQ(query(url, "SELECT count(*) FROM facebook_events"), std::to_string(ids.size()));
    EXPECT_EQ(recount(url).difference, "");
    EXPECT_EQ(recount(url).in_segments, static_cast<std::int64_t>(ids.size()));
    EXPECT_EQ(query(url,
                    "SELECT deadlocks FROM pg_stat_database WHERE datname = "
                    "current_database()"),
              "0");
}

TEST(EventTable, CountsAnEventOnceThatStandsTwiceInABatch) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(store.store(std::array{facebook_view("a", kNoon), facebook_view("b", kNoon),
                                     facebook_view("a", kNoon), facebook_view("a", kNoon)}),
              2U);
    EXPECT_EQ(store.store(std::array{facebook_view("b", kNoon), facebook_view("c", kNoon)}), 1U);
    EXPECT_EQ(query(url, "SELECT string_agg(event_id, '' ORDER BY event_id) FROM facebook_events"),
              "abc");
}

TEST(EventTable, CountsWhatIsNewInBatchesWithAndWithoutDuplicatesInTurns) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    const auto ids = make_ids(60);
    const auto store_ids = [&](std::size_t first, std::size_t count) {
        std::vector<collector::StorableEvent> events;
        for (const auto& id : std::span{ids}.subspan(first, count)) {
            events.push_back(facebook_view(id, kNoon));
        }
        return store.store(events);
    };
    EXPECT_EQ(store_ids(0, 10), 10U);   // copied
    EXPECT_EQ(store_ids(5, 10), 5U);    // refused by the key, then merged
    EXPECT_EQ(store_ids(10, 10), 5U);   // merged
    EXPECT_EQ(store_ids(20, 10), 10U);  // merged, all new
    EXPECT_EQ(store_ids(30, 10), 10U);  // copied again
    EXPECT_EQ(store_ids(0, 60), 20U);
    EXPECT_EQ(query(url, "SELECT count(*) FROM facebook_events"), "60");
    EXPECT_EQ(recount(url).difference, "");
    EXPECT_EQ(recount(url).in_segments, 60);
}

TEST(EventTable, TakesTheSameIdAtAnotherTimeAsAnotherEvent) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(store.store(std::array{facebook_view("a", kNoon), facebook_view("a", kNoon + 1us)}),
              2U);
}

TEST(EventTable, KeepsTheFirstVersionOfAnEvent) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(store.store(std::array{facebook_view("a", kNoon)}), 1U);
    EXPECT_EQ(store.store(std::array{facebook_checkout("a", kNoon)}), 0U);
    EXPECT_EQ(query(url, "SELECT event_type FROM facebook_events"), "video.view");
}

TEST(EventTable, TellsIdsApartByTheirBytes) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(
        store.store(std::array{facebook_view("\u00e9", kNoon), facebook_view("e\u0301", kNoon),
                               facebook_view("a", kNoon), facebook_view("A", kNoon)}),
        4U);
}

TEST(EventTable, StoresNothingOfAnEmptyBatch) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(store.store({}), 0U);
}

TEST(EventTable, WorksAgainAfterTheDatabaseWasAway) {
    const auto url = make_events_database();
    collector::EventTable store{options_for(url), kFacebook};
    EXPECT_EQ(store.store(std::array{facebook_view("a", kNoon)}), 1U);
    postgres_cluster().kill();
    EXPECT_THROW(store.store(std::array{facebook_view("b", kNoon)}), postgres::Unavailable);
    EXPECT_THROW(store.ping(), postgres::Unavailable);
    postgres_cluster().restart();
    store.ping();
    EXPECT_EQ(store.store(std::array{facebook_view("a", kNoon), facebook_view("b", kNoon)}), 1U);
    EXPECT_EQ(query(url, "SELECT count(*) FROM facebook_events"), "2");
}

}  // namespace
}  // namespace events
