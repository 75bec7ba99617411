#include "keepers.hpp"

#include "common/postgres/error.hpp"

#include <algorithm>

namespace events::test {
namespace {

postgres::Options options(const std::string& url) {
    return {.url = config::Secret{url}, .application_name = "keeper"};
}

/// Small parts, so that merges have many.
constexpr postgres::MergeSettings kSettings{.rows_per_part = 200};

}  // namespace

Keepers::Keepers(const std::string& url, Random& random) : random_{random} {
    for (const auto source : sources()) {
        of_sources_.emplace_back(source, "test", options(url), kSettings);
    }
}

void Keepers::act() {
    try {
        act(of_sources_[random_.below(of_sources_.size())]);
    } catch (const postgres::Unavailable&) {
        // Somebody was in the way, or cut the connection: nothing is done then.
    } catch (const postgres::PartitionGone&) {
    }
}

void Keepers::act(collector::SegmentUpkeep& upkeep) {
    if (random_.one_in(10)) upkeep.sweep();
    const auto partitions = upkeep.list();
    if (partitions.empty()) return;
    const auto& partition = partitions[random_.below(partitions.size())];
    if (!partition.state.is_built) {
        if (partition.state.is_plain && upkeep.build(partition.state)) ++built_;
    } else if (partition.has_changes && random_.one_in(2)) {
        folded_ += upkeep.fold_changes(partition.state) > 0 ? 1 : 0;
    } else {
        merge(upkeep, partition);
    }
}

void Keepers::merge(collector::SegmentUpkeep& upkeep, const collector::UpkeepPartition& partition) {
    collector::PlannedMerge planned{.level = 1, .ids = {}};
    for (const auto& segment : partition.segments) {
        if (random_.one_in(4)) continue;
        planned.ids.push_back(segment.id);
        planned.level = std::max(planned.level, segment.level + 1);
    }
    if (!planned.ids.empty() && upkeep.merge(planned)) ++merged_;
}

}  // namespace events::test
