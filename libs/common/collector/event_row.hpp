#pragma once

#include "common/collector/event_store.hpp"
#include "common/postgres/copy_rows.hpp"
#include "common/sources/source.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::collector {

struct RowColumn {
    std::string_view name;
    std::string_view type;  ///< as PostgreSQL's format_type() writes it
};

/// The columns of a source's table that collectors fill: those that every event has, then the
/// source's fields in the order of its description.
[[nodiscard]] std::vector<RowColumn> row_columns(Source source);
/// "event_id, occurred_at, ...".
[[nodiscard]] std::string names_of(std::span<const RowColumn> columns);
/// The same with their types, as a CREATE TABLE has them.
[[nodiscard]] std::string definitions_of(std::span<const RowColumn> columns);

/// Adds an event's values in the order of row_columns(). `fields` are its source's.
void append_row(const StorableEvent& event, std::span<const FieldSpec> fields,
                postgres::CopyRows& rows);

}  // namespace events::collector
