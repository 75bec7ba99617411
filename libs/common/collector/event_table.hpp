#pragma once

#include "common/collector/batch_segment.hpp"
#include "common/collector/erased_users.hpp"
#include "common/collector/event_store.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/copy_rows.hpp"
#include "common/postgres/partition_map.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::collector {

/// Something that was found so, and is looked at again after a minute: somebody may have mended it.
class Finding {
  public:
    void note() { since_ = std::chrono::steady_clock::now(); }
    void forget() noexcept { since_.reset(); }
    [[nodiscard]] bool holds() const;

  private:
    std::optional<std::chrono::steady_clock::time_point> since_;
};

/// A source's table of events, partitioned by day. Its columns are those of the description.
///
/// A batch is COPYs straight into each partition that its rows belong to, and their column
/// segment (BatchSegment) in the same transaction. Where a key is there already COPY stores
/// nothing; the batch is then merged: copied beside the table, what is new inserted from there
/// through the table of all events, and the segment made of what the INSERT returned. Whoever had a
/// duplicate in one batch has it in the next (a sender repeats, a stream redelivers), so batches
/// are merged until one had none. They are merged, too, where rows belong to a partition that takes
/// none by its own name (see PartitionMap).
///
/// A merge also tells whose refusal it is. The columns beside the table have the types that we gave
/// them and no constraint: what they refuse is the event's content. What the table refuses then is
/// somebody else's doing: our own key lets duplicates pass, and no event lacks a column that must
/// not be null. So whatever COPY fails with, the batch is merged before it is given up; INSERT also
/// converts to types that somebody changed, and heeds policies.
///
/// Where the rows may not be what the events say (a trigger that can alter them), or a segment
/// can't hold them, the merge makes no segment and lets the table's own triggers note the rows in
/// event_changes, as they do for everybody else: dearer, and just as exact.
///
/// Rows go in sorted by the primary key, so that collectors with overlapping batches wait for each
/// other in one order and can't deadlock. Storing is repeatable: rows that are there stay as they
/// are and are not counted.
///
/// A batch of more than 64 different days is stored in several transactions, since each partition
/// takes a few of the server's locks: only then a failure can leave a part stored, which the
/// repetition completes but counts as known.
///
/// Events of erased persons (ErasedUsers) are left out. Each transaction looks, behind what it has
/// stored, whether somebody was added to the list that it left out by; then it is rolled back and
/// stored anew.
///
/// One thread.
class EventTable final : public EventStore {
  public:
    EventTable(postgres::Options options, Source source);

    std::size_t store(std::span<const StorableEvent> events) override;
    [[nodiscard]] std::size_t erased() const noexcept override { return left_out_; }
    void ping() override { connection_.ping(); }

  private:
    using Rows = std::span<const StorableEvent* const>;

    /// How a batch is stored.
    enum class Way : std::uint8_t { copy, merge, merge_noted };

    std::size_t store_days(std::vector<const StorableEvent*> rows,
                           std::span<const std::chrono::sys_days> days);
    std::size_t store_rows(Rows rows, std::span<const std::chrono::sys_days> days);
    [[nodiscard]] std::optional<std::vector<StoredRow>> route(Rows rows) const;
    void learn(const postgres::Refused& refused, Way way, int attempt);
    void encode(Rows rows);
    void copy(std::span<const StoredRow> rows);
    void send(pqxx::work& work, const std::string& copy, std::size_t begin, std::size_t end);
    std::size_t merge(Rows rows, Way way);
    std::size_t insert_new(pqxx::work& work, Rows rows, Way way);
    void hide_values(postgres::ServerError& error) const;

    std::span<const FieldSpec> fields_;
    std::string column_names_;
    std::string copy_aside_;  // statements
    std::string insert_new_;
    postgres::CopyRows encoded_;
    bool expect_duplicates_ = false;
    Finding copy_fails_;    ///< the table takes what is merged, but no COPY
    Finding rows_altered_;  ///< by a trigger
    Finding map_is_new_;    ///< rights, policies and triggers may have changed since
    postgres::PartitionMap partitions_;
    BatchSegment segment_;
    ErasedUsers erased_users_;
    std::size_t left_out_ = 0;
    postgres::Connection connection_;
};

}  // namespace events::collector
