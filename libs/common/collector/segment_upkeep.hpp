#pragma once

#include "common/collector/merge_policy.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/segment_merge.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::collector {

/// A partition of the source with its segments, as the upkeep sees it.
struct UpkeepPartition {
    postgres::PartitionState state;
    bool has_changes = false;
    std::vector<MergeCandidate> segments;
};

/// The transactions that keep a source's segments few and right. Each of them leaves what the
/// segments and changes of a partition say as it is, or makes it what its rows say; whatever ends
/// one before its commit leaves nothing behind. Of each lane one process of a source works at a
/// time: where another one does, they do nothing and return false.
///
/// Single-threaded. Failure: as postgres::Connection; postgres::DamagedSegment.
class SegmentUpkeep {
  public:
    SegmentUpkeep(Source source, std::string lane, postgres::Options database,
                  postgres::MergeSettings settings = {});

    [[nodiscard]] std::vector<UpkeepPartition> list();

    /// Puts one segment in these ones' place; false where they are not there any more.
    bool merge(const PlannedMerge& planned);
    /// Makes a signed segment of the partition's changes; how many there were.
    std::int64_t fold_changes(const postgres::PartitionState& partition);
    /// Makes the partition's segments of its rows; how many there were. Has its changes noticed
    /// first, for which it waits a short while for those who write to it: Cause::locked.
    std::optional<std::int64_t> build(const postgres::PartitionState& partition);

    /// Deletes what belongs to partitions that are dropped, and bytes without a segment.
    void sweep();
    /// Checks the part behind the one that it checked the last time.
    void check_next_part();
    /// Has the partitions of a damaged blob built again.
    void mark(std::int64_t blob);
    /// Makes an index on event_id in a partition that is over and has none; its name.
    [[nodiscard]] std::optional<std::string> index_event_ids();

    [[nodiscard]] std::string name_of(postgres::Oid partition);
    [[nodiscard]] postgres::Connection& connection() noexcept { return connection_; }

  private:
    /// Does that with one snapshot, if nobody else is in this lane, and commits where it is true.
    bool exclusively(const std::function<bool(pqxx::transaction_base&)>& work);

    Source source_;
    std::string lane_;
    postgres::MergeSettings settings_;
    postgres::Connection connection_;
    postgres::PartId checked_;
};

}  // namespace events::collector
