#pragma once

#include "common/collector/merge_policy.hpp"
#include "common/collector/segment_upkeep.hpp"
#include "common/events/event.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <thread>
#include <vector>

namespace events::collector {

class Retention;

struct SegmentKeeperOptions {
    std::chrono::milliseconds interval{1'000};      ///< between two rounds
    std::chrono::milliseconds sweep_every{60'000};  ///< what is left of dropped partitions
    std::chrono::milliseconds check_every{10'000};  ///< a stored part
    /// A partition whose building failed is left to its rows for so long, and one that was built
    /// for ten times as long as that took.
    std::chrono::milliseconds build_again{1'000};
    MergeLimits limits{};
    postgres::MergeSettings merging{};
    Retention* retention = nullptr;  ///< has its round in the quick lane; null: nothing is dropped
    bool event_id_index = false;     ///< in partitions whose time is over
};

/// Keeps a source's segments few and right: folds what collectors and others wrote, merges what has
/// become many, builds segments of partitions that are new to it or changed unseen, deletes what is
/// left of dropped ones, and looks for damage. Reports are exact whether this keeps up or not. Any
/// number of processes may do it at once: the database lets one work.
///
/// Two lanes, each a thread with a connection: the quick one folds every second, while the other
/// one merges for minutes. It takes no lock that storing waits for, but for making a partition's
/// triggers, which gives up after half a second. A failure is logged and the next round tries
/// again. Memory: bounded by MergeLimits::memory and some parts.
class SegmentKeeper {
  public:
    SegmentKeeper(Source source, const postgres::Options& database, logging::Logger log,
                  metrics::Registry& metrics, SegmentKeeperOptions options = {});
    ~SegmentKeeper();
    SegmentKeeper(const SegmentKeeper&) = delete;
    SegmentKeeper& operator=(const SegmentKeeper&) = delete;

    /// Starts the work; the database must have been migrated. Call once.
    void start();
    /// Cancels a statement in hand, whose transaction then has done nothing. May be called again.
    void stop();

  private:
    using SteadyClock = std::chrono::steady_clock;
    using Partitions = std::vector<UpkeepPartition>;
    using Round = void (SegmentKeeper::*)(const std::stop_token&);

    void run(const std::stop_token& stop, SegmentUpkeep& upkeep, Round round);
    void quick_round(const std::stop_token& stop);
    void slow_round(const std::stop_token& stop);

    bool fold(const Partitions& partitions, const std::stop_token& stop);
    bool merge_one(const Partitions& partitions);
    bool build_one(const Partitions& partitions);
    bool build(const postgres::PartitionState& partition);
    void look_after(SteadyClock::time_point now);
    void damaged(SegmentUpkeep& upkeep, const postgres::DamagedSegment& damage);
    bool merge(SegmentUpkeep& upkeep, const PlannedMerge& planned);
    void show(const Partitions& partitions);

    SegmentKeeperOptions options_;
    logging::Logger log_;
    metrics::Counter& built_;
    metrics::Counter& folded_;
    metrics::Gauge& unbuilt_;
    std::vector<metrics::Counter*> merges_;  ///< by the level that was made
    std::vector<metrics::Gauge*> segments_;  ///< by level
    SegmentUpkeep quick_;
    SegmentUpkeep slow_;
    std::map<postgres::Oid, SteadyClock::time_point> build_after_;
    SteadyClock::time_point sweep_after_{};
    SteadyClock::time_point check_after_{};
    std::jthread quick_thread_;
    std::jthread slow_thread_;
};

}  // namespace events::collector
