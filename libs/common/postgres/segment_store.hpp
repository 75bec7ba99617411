#pragma once

#include "common/events/event.hpp"
#include "common/segments/encode.hpp"
#include "common/segments/format.hpp"

#include <pqxx/pqxx>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

/// The segments' tables (0001_events.sql) in C++. All of it runs in the caller's transaction; what
/// is read by several calls belongs together only in one snapshot (repeatable read).
///
/// Times are microseconds since 1970 (UTC). '-infinity' is kBeginning and 'infinity', with all that
/// 64 bits can't hold, kEnd.
namespace events::postgres {

using Oid = std::uint32_t;

inline constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
/// The first whole hour of 64 bits: a segment's minutes and sums by hour can tell it.
inline constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min() /
                                           segments::format::kMicrosecondsPerHour *
                                           segments::format::kMicrosecondsPerHour;

/// A partition as a snapshot shows it.
struct PartitionState {
    Source source;
    Oid partition = 0;
    bool is_built = false;            ///< its events are its segments and changes; else: its rows
    bool is_plain = true;             ///< its segments can be built
    std::int64_t first = kBeginning;  ///< bounds: first <= time < until
    std::int64_t until = kEnd;
};

/// The partition was dropped, detached or renamed after the snapshot was made, or is not readable:
/// a new snapshot tells more.
class PartitionGone : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// All that are attached, of sources that are known here, by source and time.
[[nodiscard]] std::vector<PartitionState> read_partitions(pqxx::transaction_base& transaction);

/// A row of `segments` without its bytes. Immutable: a row of that id never changes.
struct StoredSegment {
    std::int64_t id = 0;
    Source source;
    Oid partition = 0;
    int level = 0;
    std::int64_t blob = 0;
    int parts = 0;
    std::int64_t bytes = 0;
    /// Of the blob's rows those within its times are the segment's own.
    segments::Share share;
};

/// A segment's row in a listing.
struct ListedSegment {
    std::int64_t id = 0;
    Oid partition = 0;
};

/// Of those partitions that are built.
[[nodiscard]] std::vector<ListedSegment> list_segments(pqxx::transaction_base& transaction,
                                                       std::span<const PartitionState> partitions);

/// The rows of these ids that the snapshot has, by id.
[[nodiscard]] std::vector<StoredSegment> read_segments(pqxx::transaction_base& transaction,
                                                       std::span<const std::int64_t> ids);

struct PartId {
    std::int64_t blob = 0;
    int part = 0;
};

/// The bytes of these parts, as they were asked for; none where there is no such part. One
/// statement: what it gives is in memory at once.
[[nodiscard]] std::vector<std::vector<std::byte>> read_parts(pqxx::transaction_base& transaction,
                                                             std::span<const PartId> parts);
[[nodiscard]] std::vector<std::byte> read_part(pqxx::transaction_base& transaction,
                                               std::int64_t blob, int part);

/// A blob that is written part by part.
class NewBlob {
  public:
    explicit NewBlob(pqxx::transaction_base& transaction) : transaction_{transaction} {}

    void add(std::span<const std::byte> part);

    [[nodiscard]] std::int64_t id() const noexcept { return id_.value_or(0); }
    [[nodiscard]] int parts() const noexcept { return parts_; }
    [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }

  private:
    pqxx::transaction_base& transaction_;
    std::optional<std::int64_t> id_;  ///< from the first part on
    int parts_ = 0;
    std::int64_t bytes_ = 0;
};

/// What a partition has in a blob that is stored: a segment of its own.
struct SegmentShare {
    Oid partition = 0;
    segments::Share share;
};

/// Stores a segment for each share of the blob. With `just_written` (the caller's transaction has
/// written their rows, whose lock keeps partitions as they are) returns false, and has stored
/// something that the caller must roll back, where one of the partitions is not attached any more,
/// or has a trigger that can have altered the rows. With `erasures` the same where that is not the
/// version of the list of erased persons (erasure_list).
[[nodiscard]] bool store_shares(pqxx::transaction_base& transaction, Source source, int level,
                                const NewBlob& blob, std::span<const SegmentShare> shares,
                                bool just_written, std::optional<std::int64_t> erasures = {});

/// The same with the blob, which has these parts.
[[nodiscard]] bool store_segment(pqxx::transaction_base& transaction, Source source, int level,
                                 std::span<const std::vector<std::byte>> parts,
                                 std::span<const SegmentShare> shares, bool just_written,
                                 std::optional<std::int64_t> erasures = {});

using UseRecords = std::function<void(std::span<const segments::Record>)>;

/// Calls `use` with the records of a partition's rows between these times, both inclusive: at most
/// `batch` a time, in no order; their texts live for the call. Source of truth for building,
/// verifying, and for answers about partitions that are not built. It holds one batch, some 500
/// bytes a row.
///
/// An amount that is no number ('NaN') is none: the event counts, and has no revenue.
/// Errors  PartitionGone; std::range_error for an amount that is not a whole number of cents or
///         beyond 64 bits, which the tables' own type can't have.
void read_rows(pqxx::transaction_base& transaction, const PartitionState& partition,
               std::int64_t from, std::int64_t to, std::size_t batch, const UseRecords& use);

/// The same of all event_changes of that partition.
void read_changes(pqxx::transaction_base& transaction, const PartitionState& partition,
                  std::size_t batch, const UseRecords& use);

}  // namespace events::postgres
