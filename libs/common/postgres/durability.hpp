#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

namespace events::postgres {

/// Warns of what the operator set for this role, the database or the server by which a crash would
/// lose events that are stored: a weak synchronous_commit, which our sessions set on all the same
/// (Connection), and fsync, which they can't. Call once. Failure: Unavailable.
void warn_of_lost_commits(Connection& connection, const logging::Logger& log);

}  // namespace events::postgres
