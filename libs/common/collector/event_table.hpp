#pragma once

#include "common/collector/event_store.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/copy_rows.hpp"
#include "common/postgres/day_partitions.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace events::collector {

/// A column of an events table: its name, its type as our migrations make it, and how an event's
/// value for it is added to a row, in the C++ type that stands for the column's.
struct Column {
    std::string_view name;
    std::string_view type;
    void (*write)(const StorableEvent&, postgres::CopyRows&);
};

/// Calls `add` with a field of a source's user or engagement, or with std::nullopt where the
/// event's engagement is of the other funnel stage.
template <typename SourceEvent, auto Field, typename Add>
void with_field(const StorableEvent& storable, Add&& add) {
    const auto& event = std::get<SourceEvent>(storable.event.data);
    if constexpr (requires { event.user.*Field; }) {
        add(event.user.*Field);
    } else {
        std::visit(
            [&](const auto& engagement) {
                if constexpr (requires { engagement.*Field; }) {
                    add(engagement.*Field);
                } else {
                    add(std::nullopt);
                }
            },
            event.engagement);
    }
}

/// Column::write for such a field, e.g. `write_field<FacebookEvent, &FacebookTop::referrer>`.
template <typename SourceEvent, auto Field>
void write_field(const StorableEvent& storable, postgres::CopyRows& row) {
    with_field<SourceEvent, Field>(storable, [&](const auto& value) { row.add(value); });
}

/// The same for a decimal text that may be missing, to be stored as numeric.
template <typename SourceEvent, auto Field>
void write_amount(const StorableEvent& storable, postgres::CopyRows& row) {
    with_field<SourceEvent, Field>(storable, [&](std::optional<std::string_view> amount) {
        amount ? row.add_numeric(*amount) : row.add(std::nullopt);
    });
}

/// A source's table of events, partitioned by day: what both collectors' stores are made of.
///
/// A batch is one COPY, at half the cost of an INSERT that looks each key up first. Where a key is
/// there already COPY stores nothing; the batch is then merged: copied beside the table, and what
/// is new inserted from there. Whoever had a duplicate in one batch has it in the next (a sender
/// repeats, a stream redelivers), so batches are merged until one had none.
///
/// A merge also tells whose refusal it is. The columns beside the table have the types that we gave
/// them and no constraint: what they refuse is the event's content. What the table refuses then is
/// somebody else's doing: our own key lets duplicates pass, and no event lacks a column that must
/// not be null. So whatever COPY fails with, the batch is merged before it is given up; INSERT also
/// converts to types that somebody changed, and heeds policies.
///
/// Rows go in sorted by the primary key, so that collectors with overlapping batches wait for each
/// other in one order and can't deadlock. Storing is repeatable: rows that are there stay as they
/// are and are not counted.
///
/// A batch of more than 64 different days is stored in several transactions, since each partition
/// takes a few of the server's locks: only then a failure can leave a part stored, which the
/// repetition completes but counts as known.
///
/// One thread. Failure: as EventStore::store() says.
class EventTable {
  public:
    /// `columns`: those of the source alone; the ones that every event has are added.
    EventTable(postgres::Options options, std::string table, std::span<const Column> columns);

    /// Stores the events and returns how many were new.
    std::size_t store(std::span<const StorableEvent> events);

    void ping() { connection_.ping(); }

  private:
    using Rows = std::span<const StorableEvent*>;

    EventTable(postgres::Options options, std::string table, std::vector<Column> columns);
    std::size_t store_rows(Rows rows, std::span<const std::chrono::sys_days> days);
    void encode(Rows rows);
    std::size_t insert();
    std::size_t merge();
    void hide_values(postgres::ServerError& error) const;

    std::vector<Column> columns_;
    std::string copy_;  // statements
    std::string copy_aside_;
    std::string insert_new_;
    postgres::CopyRows rows_;
    bool expect_duplicates_ = false;
    bool copy_fails_ = false;  ///< the table takes what is merged, but no COPY
    postgres::DayPartitions partitions_;
    postgres::Connection connection_;
};

}  // namespace events::collector
