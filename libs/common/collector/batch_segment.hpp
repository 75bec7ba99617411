#pragma once

#include "common/collector/erased_users.hpp"
#include "common/collector/event_store.hpp"
#include "common/postgres/connection.hpp"
#include "common/segments/ids.hpp"

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace events::collector {

/// An event whose row a transaction has stored, and the partition that took it (pg_class.oid).
struct StoredRow {
    const StorableEvent* event = nullptr;
    std::uint32_t partition = 0;
};

/// What an INSERT into a table of events has to return for rows_returned().
inline constexpr auto kReturning =
    " RETURNING tableoid, (extract(epoch FROM occurred_at) * 1000000)::bigint, event_id";

/// Those of `rows`, sorted by the primary key, that an INSERT in this order has returned. Failure:
/// RowsAltered where it returned a row that is none of them.
[[nodiscard]] std::vector<StoredRow> rows_returned(std::span<const StorableEvent* const> rows,
                                                   const pqxx::result& returned);

/// Rows were stored in a partition that is not attached any more.
class PartitionMoved : public std::runtime_error {
  public:
    PartitionMoved() : std::runtime_error{"a partition was detached while a batch was stored"} {}
};

/// Somebody's trigger can have changed rows before they were stored: what the events say may not be
/// what stands there.
class RowsAltered : public std::runtime_error {
  public:
    RowsAltered() : std::runtime_error{"a trigger of a partition can alter its rows"} {}
};

/// Makes the column segment of the rows that a transaction has stored, and stores it in the same
/// one: both are committed, or neither.
///
/// One per thread.
class BatchSegment {
  public:
    explicit BatchSegment(Source source);

    /// `rows` are all that this transaction has stored, in the order of time. `are_direct`: their
    /// partitions are those of the table itself; else those of a partition that is partitioned
    /// itself are left out: reports read them. `erased`: by what they were chosen.
    ///
    /// Failure: ErasuresChanged, PartitionMoved, RowsAltered, std::length_error where a segment
    /// can't hold a value, and what the statements throw; the transaction is to be rolled back.
    void store(pqxx::work& transaction, std::span<const StoredRow> rows, bool are_direct,
               const ErasedUsers& erased);

  private:
    Source source_;
    segments::Seed seed_;
};

}  // namespace events::collector
