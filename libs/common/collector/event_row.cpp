#include "common/collector/event_row.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace events::collector {
namespace {

using postgres::CopyRows;

/// What every event has, in the order of append_common().
constexpr std::array<RowColumn, 7> kCommonColumns{{
    {"event_id", "text"},
    {"occurred_at", "timestamp with time zone"},
    {"received_at", "timestamp with time zone"},
    {"funnel_stage", "text"},
    {"event_type", "text"},
    {"correlation_id", "text"},
    {"user_id", "text"},
}};

void append_common(const StorableEvent& row, CopyRows& rows) {
    const auto& [event, envelope] = row;
    rows.add(event.event_id);
    rows.add(event.timestamp);
    rows.add(envelope->received_at);
    rows.add(to_string(event.type->stage));
    rows.add(event.type->name);
    if (envelope->correlation_id.empty()) {
        rows.add(std::nullopt);
    } else {
        rows.add(std::string_view{envelope->correlation_id});
    }
    rows.add(event.user_id);
}

/// In the C++ type that stands for the column's, see CopyRows.
void append(const FieldSpec& field, const Value& value, CopyRows& rows) {
    if (value.is_null()) return rows.add(std::nullopt);
    switch (field.kind) {
        case FieldKind::text:
        case FieldKind::text_or_null:
        case FieldKind::choice:
            return rows.add(value.text());
        case FieldKind::integer:
            return field.is_small() ? rows.add(static_cast<std::int16_t>(value.integer()))
                                    : rows.add(value.integer());
        case FieldKind::time:
            return rows.add(value.time());
        case FieldKind::amount_or_null:
            return rows.add_numeric(value.text());
    }
}

}  // namespace

std::vector<RowColumn> row_columns(Source source) {
    std::vector<RowColumn> columns{kCommonColumns.begin(), kCommonColumns.end()};
    for (const auto& field : source.fields()) columns.push_back({field.column, field.sql_type()});
    return columns;
}

std::string names_of(std::span<const RowColumn> columns) {
    std::string names;
    for (const auto& column : columns) {
        if (!names.empty()) names += ", ";
        names += column.name;
    }
    return names;
}

std::string definitions_of(std::span<const RowColumn> columns) {
    std::string definitions;
    for (const auto& column : columns) {
        if (!definitions.empty()) definitions += ", ";
        definitions += fmt::format("{} {}", column.name, column.type);
    }
    return definitions;
}

void append_row(const StorableEvent& event, std::span<const FieldSpec> fields, CopyRows& rows) {
    append_common(event, rows);
    for (std::size_t i = 0; i < fields.size(); ++i) append(fields[i], event.event.values[i], rows);
}

}  // namespace events::collector
