#include "common/collector/source_check.hpp"

#include "common/collector/event_row.hpp"
#include "common/postgres/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace events::collector {
namespace {

using postgres::StoredSource;

std::string wrong_types(Source source, const std::vector<StoredSource::EventType>& stored) {
    for (const auto& type : source.types()) {
        const auto found = std::ranges::find(stored, type.name, &StoredSource::EventType::name);
        if (found == stored.end()) {
            return fmt::format("event_types lacks the event type {}", type.name);
        }
        if (found->funnel_stage != to_string(type.stage) ||
            found->has_revenue != type.has_revenue) {
            return fmt::format("event_types has another stage or revenue of {}", type.name);
        }
    }
    for (const auto& type : stored) {
        if (std::ranges::find(source.types(), type.name, &TypeSpec::name) == source.types().end()) {
            return fmt::format("event_types has the event type {}, which is not known here",
                               type.name);
        }
    }
    return {};
}

std::string wrong_columns(Source source, const std::vector<StoredSource::Column>& stored) {
    const auto columns = row_columns(source);
    for (const auto& [name, type] : columns) {
        const auto found = std::ranges::find(stored, name, &StoredSource::Column::name);
        if (found == stored.end()) {
            return fmt::format("{} lacks the column {} {}", source.table(), name, type);
        }
        if (found->type != type) {
            return fmt::format("{}.{} is {} instead of {}", source.table(), name, found->type,
                               type);
        }
    }
    for (const auto& column : stored) {
        if (column.is_required &&
            std::ranges::find(columns, column.name, &RowColumn::name) == columns.end()) {
            return fmt::format("each row of {} needs a value for {}, which is not known here",
                               source.table(), column.name);
        }
    }
    return {};
}

std::string wrong_dimensions(Source source, const std::vector<std::string>& stored) {
    std::size_t fed = 0;
    for (const auto& field : source.fields()) {
        if (field.dimension() == nullptr) continue;
        ++fed;
        if (std::ranges::find(stored, field.column) == stored.end()) {
            return fmt::format("sources lacks the dimension {} of {}", field.column, source.name());
        }
    }
    if (fed == stored.size()) return {};
    return fmt::format("sources has more dimensions of {} than are known here", source.name());
}

}  // namespace

std::string difference(Source source, const std::optional<StoredSource>& stored) {
    if (!stored) {
        return fmt::format("the database has no source {}: apply the migration that makes it",
                           source.name());
    }
    auto found =
        stored->table == source.table()
            ? std::string{}
            : fmt::format("the source's table is {} instead of {}", stored->table, source.table());
    if (found.empty()) found = wrong_types(source, stored->types);
    if (found.empty()) found = wrong_columns(source, stored->columns);
    if (found.empty()) found = wrong_dimensions(source, stored->dimensions);
    if (found.empty()) return {};
    return fmt::format(
        "the database does not fit this daemon's description of {}: {}; apply the "
        "missing migration, or start the daemon of the version that made it",
        source.name(), found);
}

void check_source(Source source, postgres::Connection& connection) {
    const auto stored = postgres::find_stored_source(connection, std::string{source.name()});
    if (const auto what = difference(source, stored); !what.empty()) {
        throw postgres::MigrationPending{what};
    }
}

}  // namespace events::collector
