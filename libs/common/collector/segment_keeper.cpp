#include "common/collector/segment_keeper.hpp"

#include "common/collector/retention.hpp"
#include "common/postgres/cancel_on_stop.hpp"
#include "common/postgres/error.hpp"
#include "common/postgres/execute.hpp"
#include "common/retry/pause.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

/// The first rows of a day that is large, or storing many small ones, may take their time.
constexpr auto kStatementTimeout = 10min;
/// Levels that have a metric of their own; the last one has all above.
constexpr int kTopLevel = 7;
constexpr int kRestFactor = 10;

postgres::Options patient(postgres::Options options) {
    options.statement_timeout = kStatementTimeout;
    if (options.answer_timeout > 0ms) options.answer_timeout = kStatementTimeout + 10s;
    options.application_name += " segments";
    options.settings += postgres::kPlanOnce;
    return options;
}

std::size_t place_of(int level) {
    return static_cast<std::size_t>(std::clamp(level, 0, kTopLevel));
}

/// Whether another keeper, or whoever deleted the same rows, was quicker; or a lock is held.
bool is_passing(postgres::Cause cause) {
    return cause == postgres::Cause::conflict || cause == postgres::Cause::locked;
}

}  // namespace

SegmentKeeper::SegmentKeeper(Source source, const postgres::Options& database, logging::Logger log,
                             metrics::Registry& metrics, SegmentKeeperOptions options)
    : options_{options},
      log_{std::move(log)},
      built_{metrics.counter("segments_rebuilt_total",
                             "Partitions whose segments were made of their rows.")},
      folded_{metrics.counter("segment_changes_folded_total",
                              "Events that others than the collectors added or took back, and "
                              "that are in segments now.")},
      unbuilt_{metrics.gauge("unbuilt_partitions",
                             "Attached partitions that reports read the rows of.")},
      quick_{source, "quick", patient(database), options.merging},
      slow_{source, "slow", patient(database), options.merging} {
    for (int level = 0; level <= kTopLevel; ++level) {
        const metrics::Labels labels{{"level", std::to_string(level)}};
        segments_.push_back(&metrics.gauge("segments", "Column segments by merge level.", labels));
        merges_.push_back(&metrics.counter(
            "segment_merges_total", "Merges of segments by the level that they made.", labels));
    }
}

SegmentKeeper::~SegmentKeeper() {
    stop();
}

void SegmentKeeper::start() {
    quick_thread_ = std::jthread{
        [this](const std::stop_token& stop) { run(stop, quick_, &SegmentKeeper::quick_round); }};
    slow_thread_ = std::jthread{
        [this](const std::stop_token& stop) { run(stop, slow_, &SegmentKeeper::slow_round); }};
}

void SegmentKeeper::stop() {
    quick_thread_.request_stop();
    slow_thread_.request_stop();
    if (quick_thread_.joinable()) quick_thread_.join();
    if (slow_thread_.joinable()) slow_thread_.join();
}

void SegmentKeeper::run(const std::stop_token& stop, SegmentUpkeep& upkeep, Round round) {
    // A merge may take longer than the grace; the next keeper makes it.
    const postgres::CancelOnStop cancel{stop, upkeep.connection().interrupter()};
    do {
        try {
            (this->*round)(stop);
        } catch (const postgres::DamagedSegment& damage) {
            damaged(upkeep, damage);
        } catch (const std::exception& error) {
            if (stop.stop_requested()) return;  // cancelled
            log_.warn("the segments fall behind: reports get slower, not wrong",
                      {{"err", error.what()}});
        }
    } while (retry::pause(options_.interval, stop));
}

void SegmentKeeper::damaged(SegmentUpkeep& upkeep, const postgres::DamagedSegment& damage) {
    log_.error("a segment is damaged: its partition's segments are built again from the rows",
               {{"err", damage.what()}});
    try {
        upkeep.mark(damage.blob());
    } catch (const std::exception& error) {
        log_.warn("the damaged segment is not marked yet", {{"err", error.what()}});
    }
}

void SegmentKeeper::quick_round(const std::stop_token& stop) {
    if (options_.retention != nullptr) options_.retention->round(quick_.connection(), stop);
    auto partitions = quick_.list();
    for (const auto& partition : partitions) {
        if (!partition.has_changes || !partition.state.is_built || stop.stop_requested()) continue;
        folded_.Increment(static_cast<double>(quick_.fold_changes(partition.state)));
    }
    while (fold(partitions, stop)) partitions = quick_.list();
}

bool SegmentKeeper::fold(const Partitions& partitions, const std::stop_token& stop) {
    bool is_done = false;
    for (const auto& partition : partitions) {
        if (!partition.state.is_built || stop.stop_requested()) continue;
        const auto planned = choose_fold(partition.segments, options_.limits);
        if (planned) is_done |= merge(quick_, *planned);
    }
    return is_done && !stop.stop_requested();
}

bool SegmentKeeper::merge(SegmentUpkeep& upkeep, const PlannedMerge& planned) {
    try {
        if (!upkeep.merge(planned)) return false;
    } catch (const postgres::Unavailable& error) {
        if (!is_passing(error.cause())) throw;
        return false;
    }
    merges_[place_of(planned.level)]->Increment();
    return true;
}

void SegmentKeeper::slow_round(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto partitions = slow_.list();
        show(partitions);
        if (!build_one(partitions) && !merge_one(partitions)) break;
    }
    if (!stop.stop_requested()) look_after(SteadyClock::now());
}

void SegmentKeeper::show(const Partitions& partitions) {
    std::vector<double> segments(segments_.size());
    double unbuilt = 0;
    for (const auto& partition : partitions) {
        if (!partition.state.is_built) ++unbuilt;
        for (const auto& segment : partition.segments) ++segments[place_of(segment.level)];
    }
    unbuilt_.Set(unbuilt);
    for (std::size_t level = 0; level < segments.size(); ++level) {
        segments_[level]->Set(segments[level]);
    }
}

bool SegmentKeeper::merge_one(const Partitions& partitions) {
    for (const auto& partition : partitions) {
        if (!partition.state.is_built) continue;
        const auto planned = choose_merge(partition.segments, options_.limits);
        if (planned && merge(slow_, *planned)) return true;
    }
    return false;
}

bool SegmentKeeper::build_one(const Partitions& partitions) {
    for (auto newest = partitions.rbegin(); newest != partitions.rend(); ++newest) {
        const auto& state = newest->state;
        if (state.is_built || !state.is_plain) continue;
        const auto after = build_after_.find(state.partition);
        if (after != build_after_.end() && SteadyClock::now() < after->second) continue;
        if (build(state)) return true;
    }
    return false;
}

bool SegmentKeeper::build(const postgres::PartitionState& partition) {
    const auto began = SteadyClock::now();
    auto& after = build_after_[partition.partition];
    after = began + kRestFactor * options_.build_again;
    try {
        const auto rows = slow_.build(partition);
        if (!rows) return false;
        const auto took = SteadyClock::now() - began;
        after = SteadyClock::now() +
                std::max<SteadyClock::duration>(options_.build_again, kRestFactor * took);
        built_.Increment();
        log_.info(
            "a partition's segments are built from its rows",
            {{"partition", slow_.name_of(partition.partition)},
             {"rows", *rows},
             {"durationMs", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
        return true;
    } catch (const postgres::PartitionGone&) {
        return false;
    } catch (const postgres::Unavailable& error) {
        if (!is_passing(error.cause())) throw;
        return false;
    }
}

void SegmentKeeper::look_after(SteadyClock::time_point now) {
    if (now >= check_after_) {
        check_after_ = now + options_.check_every;
        slow_.check_next_part();
    }
    if (now < sweep_after_) return;
    sweep_after_ = now + options_.sweep_every;
    std::erase_if(build_after_, [&](const auto& entry) { return entry.second < now; });
    slow_.sweep();
    if (!options_.event_id_index) return;
    if (const auto indexed = slow_.index_event_ids()) {
        sweep_after_ = now;  // perhaps there are more
        log_.info("a partition has an index on event_id", {{"partition", *indexed}});
    }
}

}  // namespace events::collector
