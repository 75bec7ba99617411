#pragma once

#include "common/postgres/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace events::postgres {

/// What the database has of a source, which make_source() made (0001_events.sql). A collector
/// compares it with the source's description before it stores anything.
struct StoredSource {
    struct EventType {
        std::string name;
        std::string funnel_stage;
        bool has_revenue = false;

        friend bool operator==(const EventType&, const EventType&) = default;
    };
    struct Column {
        std::string name;
        std::string type;          ///< as format_type() writes it: "numeric(14,2)"
        bool is_required = false;  ///< it is not null, and has no default

        friend bool operator==(const Column&, const Column&) = default;
    };

    /// Its table as this session has to name it: "<source>_events". With a schema where the search
    /// path finds another one, a number where it was dropped.
    std::string table;
    std::vector<EventType> types;         ///< by name
    std::vector<Column> columns;          ///< in the table's order
    std::vector<std::string> dimensions;  ///< the columns that event_changes has, too
};

/// Nothing where the database has no such source. The role needs to read `sources` and
/// `event_types`. Failure: as Connection::read() says.
[[nodiscard]] std::optional<StoredSource> find_stored_source(Connection& connection,
                                                             const std::string& name);

}  // namespace events::postgres
