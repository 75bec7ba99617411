// Reports are exact, whoever writes: random writes of collectors, random changes of somebody who
// owns the database, and the keepers' work, between questions that are answered from segments and
// recounted from the rows of the same snapshot.
#include "auditor.hpp"
#include "common/collector/event_table.hpp"
#include "common/collector/segment_keeper.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/retry/pause.hpp"
#include "events_database.hpp"
#include "keepers.hpp"
#include "operator.hpp"
#include "random_events.hpp"
#include "support/await.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using namespace std::chrono_literals;

/// All collectors' stores. Single-threaded.
class Collectors {
  public:
    Collectors(const std::string& url, Random& random) : random_{random}, events_{random} {
        for (const auto source : sources()) stores_.emplace_back(options(url), source);
    }

    void store() {
        const auto place = random_.below(stores_.size());
        const auto batch = events_.batch(
            sources()[place], 1 + random_.below(random_.one_in(3) ? 400 : 20), random_.one_in(3));
        try {
            stored_ += stores_[place].store(batch);
        } catch (const postgres::Unavailable&) {
            ++refused_;  // a lock of somebody's
        }
    }

    [[nodiscard]] std::size_t stored() const noexcept { return stored_; }

  private:
    static postgres::Options options(const std::string& url) {
        return {.url = config::Secret{url}, .application_name = "collector"};
    }

    Random& random_;
    RandomEvents events_;
    std::deque<collector::EventTable> stores_;  ///< in the order of sources()
    std::size_t stored_ = 0;
    int refused_ = 0;
};

/// Of some part of a segment; the blob that it is of, or 0.
std::string flip_bit(const std::string& url, Random& random) {
    const auto flipped = query(
        url, fmt::format("UPDATE events.segment_blobs SET bytes = set_bit(bytes, {0} % (8 * "
                         "length(bytes)), 1 - get_bit(bytes, {0} % (8 * length(bytes)))) WHERE "
                         "(id, part) = (SELECT id, part FROM events.segment_blobs ORDER BY md5(id::"
                         "text || part || '{0}') LIMIT 1) RETURNING id",
                         random.below(1'000'000)));
    return flipped.empty() ? "0" : flipped;
}

std::string mark_damaged(const std::string& blob) {
    return "INSERT INTO events.partition_marks (partition) SELECT DISTINCT partition FROM "
           "events.segments WHERE blob = " +
           blob;
}

TEST(RandomChanges, EveryQuestionIsAnsweredAsTheRowsWould) {
    const auto seed = choose_seed();
    SCOPED_TRACE(fmt::format("EVENTS_PROPERTY_SEED={}", seed));
    Random random{seed};
    const auto url = make_events_database();
    Collectors collectors{url, random};
    Operator theirs{url, random};
    Keepers keepers{url, random};
    Auditor auditor{url, random.below(1'000)};
    const auto end = std::chrono::steady_clock::now() + 15s;
    // A slow machine does little in that time: then until each kind of work was done.
    const auto is_enough = [&] {
        return collectors.stored() > 0 && auditor.built() > 0 && keepers.built() > 0 &&
               keepers.merged() > 0;
    };
    for (int step = 0;
         step < 60 || std::chrono::steady_clock::now() < end || (!is_enough() && step < 1'000);
         ++step) {
        const auto chosen = random.below(4);
        if (random.one_in(12)) {
            const auto blob = flip_bit(url, random);
            ASSERT_EQ(auditor.report_differences(), "") << "after step " << step << ", a damage";
            query(url, mark_damaged(blob));  // as a keeper that meets it
        }
        if (chosen == 0) collectors.store();
        if (chosen == 1) theirs.act();
        if (chosen >= 2) keepers.act();
        if (!random.one_in(4)) continue;
        ASSERT_EQ(auditor.differences(), "") << "after step " << step;
    }
    EXPECT_GT(collectors.stored(), 0U);
    EXPECT_GT(auditor.built(), 0U);
    EXPECT_GT(keepers.built(), 0);
    EXPECT_GT(keepers.merged(), 0);
    for (const auto& [kind, count] : theirs.counts()) {
        RecordProperty(kind, fmt::format("{} done, {} refused", count.done, count.refused));
    }
}

/// Does something again and again, in a thread, until its end.
class Again {
  public:
    explicit Again(std::function<void()> work)
        : thread_{[work = std::move(work)](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  work();
                  retry::pause(20ms, stop);  // the question in hand needs a processor, too
              }
          }} {}

  private:
    std::jthread thread_;
};

TEST(RandomChanges, AreInASnapshotWholeOrNotAtAllWhileOthersWriteAndKeepersWork) {
    const auto seed = choose_seed();
    SCOPED_TRACE(fmt::format("EVENTS_PROPERTY_SEED={} and chance", seed));
    Random for_collectors{seed};
    Random for_them{seed + 1};
    Random for_cuts{seed + 2};
    const auto url = make_events_database();
    Collectors collectors{url, for_collectors};
    for (int i = 0; i < 10; ++i) collectors.store();  // all partitions
    Operator theirs{url, for_them};
    Auditor auditor{url, for_cuts.below(1'000)};
    const logging::Logger log{"keeper", {.level = logging::Level::fatal}};
    // Two of most sources, as two collectors have them.
    std::vector<std::unique_ptr<metrics::Registry>> registries;
    std::vector<std::unique_ptr<collector::SegmentKeeper>> keepers;
    for (std::size_t i = 0; i < 5; ++i) {
        const auto source = sources()[i % sources().size()];
        registries.push_back(std::make_unique<metrics::Registry>());
        keepers.push_back(std::make_unique<collector::SegmentKeeper>(
            source, postgres::Options{.url = config::Secret{url}, .application_name = "keeper"},
            log, *registries.back(),
            collector::SegmentKeeperOptions{.interval = 20ms,
                                            .sweep_every = 500ms,
                                            .check_every = 200ms,
                                            .build_again = 10ms,
                                            .limits = {.fold = 4, .fan_in = 2},
                                            .merging = {.rows_per_part = 200}}));
        keepers.back()->start();
    }
    {
        const Again storing{[&] { collectors.store(); }};
        const Again changing{[&] { theirs.change_rows(); }};
        const auto end = std::chrono::steady_clock::now() + 10s;
        for (int step = 0; step < 5 || std::chrono::steady_clock::now() < end; ++step) {
            ASSERT_EQ(auditor.differences(), "") << "after " << step;
            // Whatever a keeper has in hand.
            query(url, fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                   "application_name = 'keeper' AND pid % 4 = {}",
                                   for_cuts.below(8)));
        }
    }
    // Nobody writes any more: all becomes segments.
    const auto all_built = [&] {
        return query(url,
                     "SELECT (SELECT count(*) FROM events.partition_states WHERE NOT is_built) + "
                     "(SELECT count(*) FROM events.event_changes)") == "0";
    };
    EXPECT_TRUE(await(all_built)) << query(
        url,
        "SELECT concat_ws(' ', (SELECT string_agg(partition::regclass::text || ' ' || is_plain, "
        "', ') FROM events.partition_states WHERE NOT is_built), (SELECT string_agg(DISTINCT "
        "partition::regclass::text, ', ') FROM events.event_changes))");
    EXPECT_EQ(auditor.differences(), "");
}

}  // namespace
}  // namespace events::test
