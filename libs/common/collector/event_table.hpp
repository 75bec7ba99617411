#pragma once

#include "common/collector/event_store.hpp"
#include "common/postgres/array_literal.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/day_partitions.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::collector {

/// A column of an events table: its name, its PostgreSQL type, and how an event's value for it is
/// added to the column's array.
struct Column {
    std::string_view name;
    std::string_view type;
    void (*write)(const StorableEvent&, postgres::ArrayLiteral&);
};

/// Column::write for a field of a source's user or engagement, e.g.
/// `write_field<FacebookEvent, &FacebookTop::referrer>`; NULL where the event's engagement is of
/// the other funnel stage.
template <typename SourceEvent, auto Field>
void write_field(const StorableEvent& storable, postgres::ArrayLiteral& out) {
    const auto& event = std::get<SourceEvent>(storable.event.data);
    if constexpr (requires { event.user.*Field; }) {
        out.add(event.user.*Field);
    } else {
        std::visit(
            [&](const auto& engagement) {
                if constexpr (requires { engagement.*Field; }) {
                    out.add(engagement.*Field);
                } else {
                    out.add_null();
                }
            },
            event.engagement);
    }
}

/// A source's table of events, partitioned by day: what both collectors' stores are made of.
///
/// A batch is one INSERT of column arrays, sorted by the primary key, so that collectors with
/// overlapping batches wait for each other in one order and can't deadlock. It is repeatable: rows
/// that are there stay as they are and are not counted.
///
/// A batch of more than 64 different days is stored in several transactions, since each partition
/// takes a few of the server's locks: only then a failure can leave a part stored, which the
/// repetition completes but counts as known.
///
/// One thread. Failure: postgres::Unavailable, postgres::ContentRefused.
class EventTable {
  public:
    /// `columns`: those of the source alone; the ones that every event has are added.
    EventTable(postgres::Options options, std::string table, std::span<const Column> columns);

    /// Stores the events and returns how many were new.
    std::size_t store(std::span<const StorableEvent> events);

    void ping() { connection_.ping(); }

  private:
    using Rows = std::span<const StorableEvent* const>;

    EventTable(postgres::Options options, std::string table, std::vector<Column> columns);
    std::size_t store_rows(Rows rows, std::span<const std::chrono::sys_days> days);
    std::size_t insert(Rows rows);

    std::vector<Column> columns_;
    std::vector<postgres::ArrayLiteral> arrays_;  // one a column
    postgres::DayPartitions partitions_;
    postgres::Connection connection_;
};

}  // namespace events::collector
