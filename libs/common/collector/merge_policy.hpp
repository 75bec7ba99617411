#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace events::collector {

/// A segment of a partition, as the choice of what is merged sees it.
struct MergeCandidate {
    std::int64_t id = 0;
    int level = 0;
    std::uint64_t rows = 0;
    std::uint64_t part_bytes = 0;  ///< of one part: what a merge holds of it at a time
    bool is_signed = false;
    bool shares_blob = false;  ///< with segments of other partitions
    std::chrono::seconds age{};
};

struct MergeLimits {
    std::size_t fold = 64;               ///< segments of level 0 are folded when there are so many
    std::chrono::seconds fold_after{5};  ///< or the oldest is so old
    std::size_t fan_in = 16;             ///< so many of a level become one of the next
    std::size_t max_inputs = 256;        ///< of one merge
    std::uint64_t memory = std::uint64_t{48} << 20;  ///< bytes of a merge's inputs that it holds
    std::chrono::seconds quiet{300};  ///< a partition without news for so long is tidied up
    /// Rows that are taken back make reports of users slower, and a person who was erased stands in
    /// a segment until they cancel: within an hour, also where merges take several rounds.
    std::chrono::seconds signed_for{600};
};

/// Segments that are to become one of that level.
struct PlannedMerge {
    int level = 1;
    std::vector<std::int64_t> ids;
};

/// What to fold of a partition's level 0 now. Pure.
[[nodiscard]] std::optional<PlannedMerge> choose_fold(std::span<const MergeCandidate> segments,
                                                      const MergeLimits& limits);

/// What else to merge of a partition now: a full level; all, where rows have been taken back for
/// long, which writes the partition again, at most once each `signed_for`; and of a quiet partition
/// so much that few segments are left, of which each is many times as large as all smaller ones
/// together. So a late event does not have a whole day written again. Pure.
[[nodiscard]] std::optional<PlannedMerge> choose_merge(std::span<const MergeCandidate> segments,
                                                       const MergeLimits& limits);

}  // namespace events::collector
