#include "erase/rewrite.hpp"

#include "common/collector/segment_upkeep.hpp"
#include "common/postgres/segment_merge.hpp"
#include "common/retry/pause.hpp"
#include "erase/search.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace events::erase {
namespace {

using namespace std::chrono_literals;
using collector::MergeCandidate;
using collector::PlannedMerge;
using collector::SegmentUpkeep;
using postgres::PartitionState;

constexpr auto kPatience = 60s;
constexpr auto kPause = 200ms;

/// Of those that have events of the persons. Nothing where none takes an event back, or there is
/// none to cancel it with. Pure.
std::optional<PlannedMerge> plan(std::vector<MergeCandidate> segments, const Places& places) {
    std::erase_if(segments, [&](const MergeCandidate& segment) {
        return std::ranges::find(places.segments, segment.id) == places.segments.end();
    });
    // Those that take back first: each merge then leaves fewer.
    std::ranges::stable_partition(segments, &MergeCandidate::is_signed);
    if (segments.size() < 2 || !segments.front().is_signed) return std::nullopt;
    const collector::MergeLimits limits;
    PlannedMerge planned{.level = 1, .ids = {}};
    std::uint64_t held = 0;
    for (const auto& segment : segments) {
        held += segment.part_bytes;
        const bool is_full = planned.ids.size() >= limits.max_inputs || held > limits.memory;
        if (is_full && planned.ids.size() >= 2) break;
        planned.ids.push_back(segment.id);
        planned.level = std::max(planned.level, segment.level);
    }
    return planned;
}

/// Whether nothing is left to be done.
bool rewrite_more(SegmentUpkeep& upkeep, const PartitionState& partition, Persons persons) {
    for (auto& listed : upkeep.list()) {
        if (listed.state.partition != partition.partition || !listed.state.is_built) continue;
        if (listed.has_changes) {
            upkeep.fold_changes(listed.state);
            return false;
        }
        const auto places = upkeep.connection().read([&](pqxx::transaction_base& transaction) {
            return find_places(transaction, listed.state, persons);
        });
        const auto planned = plan(std::move(listed.segments), places);
        if (planned) upkeep.merge(*planned);
        return !planned;
    }
    return true;
}

bool rewrite_all(SegmentUpkeep& upkeep, const PartitionState& partition, Persons persons,
                 const std::atomic<bool>& interrupted) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!interrupted && std::chrono::steady_clock::now() < deadline) {
        try {
            if (rewrite_more(upkeep, partition, persons)) return true;
        } catch (const postgres::DamagedSegment&) {
            return false;  // a keeper builds the partition again
        } catch (const postgres::Unavailable& error) {
            // A keeper was quicker.
            if (error.cause() != postgres::Cause::conflict) throw;
            retry::pause(kPause, std::stop_token{});
        }
    }
    return false;
}

}  // namespace

bool rewrite_segments(postgres::Options database, std::span<const PartitionState> partitions,
                      Persons persons, const std::atomic<bool>& interrupted) {
    bool is_done = true;
    for (const auto source : sources()) {
        SegmentUpkeep upkeep{source, "erase", database};
        for (const auto& partition : partitions) {
            if (partition.source != source) continue;
            is_done = rewrite_all(upkeep, partition, persons, interrupted) && is_done;
        }
    }
    return is_done;
}

}  // namespace events::erase
