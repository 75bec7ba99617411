#pragma once

#include "common/metrics/registry.hpp"
#include "common/segments/scan.hpp"
#include "reporter/catalogue.hpp"
#include "reporter/segment_cache.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

namespace events::reporter {

/// All events that a question can be about, of one snapshot of the database.
struct Snapshot {
    std::vector<segments::ScanInput> runs{};
    /// What the runs refer to. The cache sees that it is in use: it makes no room by forgetting it,
    /// and others share it.
    std::vector<std::shared_ptr<const void>> kept{};
};

/// What snapshots are read with. Thread-safe.
class Snapshots {
  public:
    Snapshots(const CacheOptions& options, metrics::Registry& metrics, const logging::Logger& log);

    /// Fetches segments that no question has asked for yet, while there is room, newest first, and
    /// forgets those that are gone. False where all is here.
    bool warm(pqxx::transaction_base& transaction);

    [[nodiscard]] const segments::Seed& seed() const noexcept { return seed_; }

  private:
    friend class SnapshotReader;

    segments::Seed seed_;  ///< random: no sender can choose ids whose hashes collide
    Catalogue catalogue_;
    SegmentCache cache_;
    metrics::Counter& rows_read_;
};

/// Reads a snapshot in a transaction of its own: what the catalogue tells of segments; the changes
/// that no segment has yet; and the rows of partitions that are not built, or whose segments are
/// damaged. Segments' bytes come last: which ones are needed depends on a series' buckets, and
/// these on the times of what there is.
///
/// One thread. Errors  postgres::PartitionGone, segments::Stopped, and what the database throws.
class SnapshotReader {
  public:
    /// The question may have no buckets yet.
    SnapshotReader(Snapshots& snapshots, const segments::Question& question,
                   pqxx::transaction_base& transaction, std::stop_token stop);

    /// Those that can have an event that counts.
    [[nodiscard]] std::span<const segments::ScanInput> runs() const noexcept {
        return snapshot_.runs;
    }

    /// Gives the runs the parts that the question needs.
    void fetch(const segments::Question& question);

    [[nodiscard]] Snapshot take() { return std::move(snapshot_); }

  private:
    void add_partitions();
    void add_segments(const Partition& partition);
    void add_rows(const postgres::PartitionState& partition);
    void add_records(Source source, std::span<const segments::Record> records);
    void add_run(const segments::RunInfo& info, const segments::Sums& sums, Parts parts,
                 std::shared_ptr<const void> kept, SegmentPtr segment);

    Snapshots& snapshots_;
    segments::Question question_;
    pqxx::transaction_base& transaction_;
    std::stop_token stop_;
    std::vector<Partition> partitions_;
    Snapshot snapshot_;
    std::vector<SegmentPtr> segments_;  ///< of the runs; null: rows or changes
};

}  // namespace events::reporter
