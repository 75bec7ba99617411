#pragma once

#include "common/postgres/stored_source.hpp"
#include "common/sources/source.hpp"

#include <optional>
#include <string>

namespace events::collector {

/// What is wrong with the database of a source, by the source's description: one sentence that says
/// what differs and what to do. Empty where they agree. Columns that others added are all right, as
/// long as a row needs no value for them. Pure.
[[nodiscard]] std::string difference(Source source,
                                     const std::optional<postgres::StoredSource>& stored);

/// Throws postgres::MigrationPending with that sentence. Failure: as Connection::read() says.
void check_source(Source source, postgres::Connection& connection);

}  // namespace events::collector
