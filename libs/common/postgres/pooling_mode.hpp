#pragma once

#include "common/postgres/connection.hpp"

#include <stdexcept>

namespace events::postgres {

/// A pooler before the database lends a server's session for one transaction or statement only. The
/// daemon must not start: its settings and temporary tables would be those of other sessions.
class PoolingModeRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Finds out whether what is connected to keeps one session of the server for each connection, as
/// a server itself and a pooler in session mode do. It leaves nothing behind in a session.
///
/// Failure: PoolingModeRefused; Unavailable, also when a pooler has no second connection to give.
void require_session_pooling(const Options& database);

}  // namespace events::postgres
