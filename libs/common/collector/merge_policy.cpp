#include "common/collector/merge_policy.hpp"

#include <algorithm>
#include <functional>

namespace events::collector {
namespace {

using Candidates = std::vector<MergeCandidate>;

/// A quiet partition's segments: each has at least so many times the rows of all smaller ones.
constexpr std::uint64_t kTimesAsLarge = 16;

/// The first of them that one merge takes; nothing where that is less than `at_least`.
std::optional<PlannedMerge> bounded(const Candidates& segments, int level, std::size_t at_least,
                                    const MergeLimits& limits) {
    PlannedMerge merge{.level = level, .ids = {}};
    std::uint64_t held = 0;
    for (const auto& segment : segments) {
        held += segment.part_bytes;
        const bool is_full = merge.ids.size() >= limits.max_inputs || held > limits.memory;
        if (is_full && merge.ids.size() >= 2) break;  // two are always merged: else none ever were
        merge.ids.push_back(segment.id);
    }
    if (merge.ids.size() < at_least) return std::nullopt;
    return merge;
}

Candidates of_level(std::span<const MergeCandidate> segments, int level) {
    Candidates found;
    std::ranges::copy_if(segments, std::back_inserter(found),
                         [&](const auto& segment) { return segment.level == level; });
    std::ranges::sort(found, {}, &MergeCandidate::id);
    return found;
}

int top_level(std::span<const MergeCandidate> segments) {
    return std::ranges::max(segments, {}, &MergeCandidate::level).level;
}

bool has_signed_long(std::span<const MergeCandidate> segments, const MergeLimits& limits) {
    return std::ranges::any_of(segments, [&](const auto& segment) {
        return segment.is_signed && segment.age >= limits.signed_for;
    });
}

/// How many of the segments, ascending by rows, are too large to stand beside the next larger one.
std::size_t small_ones(const Candidates& ascending) {
    std::size_t small = 0;
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        if (rows * kTimesAsLarge >= ascending[i].rows && i > 0) small = i + 1;
        rows += ascending[i].rows;
    }
    return small;
}

}  // namespace

std::optional<PlannedMerge> choose_fold(std::span<const MergeCandidate> segments,
                                        const MergeLimits& limits) {
    const auto fresh = of_level(segments, 0);
    if (fresh.empty()) return std::nullopt;
    const auto oldest = std::ranges::max(fresh, {}, &MergeCandidate::age).age;
    const bool shares = std::ranges::any_of(fresh, &MergeCandidate::shares_blob);
    if (fresh.size() < limits.fold &&
        (oldest <= limits.fold_after || (fresh.size() < 2 && !shares))) {
        return std::nullopt;
    }
    return bounded(fresh, 1, 1, limits);
}

std::optional<PlannedMerge> choose_merge(std::span<const MergeCandidate> segments,
                                         const MergeLimits& limits) {
    if (segments.size() < 2) return std::nullopt;
    const auto top = top_level(segments);
    for (int level = 1; level <= top; ++level) {
        const auto all = of_level(segments, level);
        if (all.size() >= limits.fan_in) return bounded(all, level + 1, 2, limits);
    }
    Candidates ascending{segments.begin(), segments.end()};
    std::ranges::sort(ascending, {}, &MergeCandidate::rows);
    if (has_signed_long(segments, limits)) {
        // First, so that they meet what they cancel even where one merge can't take all.
        std::stable_partition(ascending.begin(), ascending.end(),
                              std::mem_fn(&MergeCandidate::is_signed));
    } else {
        const auto youngest = std::ranges::min(segments, {}, &MergeCandidate::age).age;
        if (youngest < limits.quiet) return std::nullopt;
        ascending.resize(small_ones(ascending));
    }
    return bounded(ascending, std::max(top, 1), 2, limits);
}

}  // namespace events::collector
