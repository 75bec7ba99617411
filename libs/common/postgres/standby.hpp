#pragma once

#include "common/postgres/connection.hpp"

#include <string>

namespace events::postgres {

/// Looks, on a connection of its own, whether a commit of our role waits for a synchronous standby;
/// the server does that for ever, whatever the timeouts. Returns what it is configured to wait for,
/// or nothing where no commit waits. A few seconds at most. Failure: Unavailable.
[[nodiscard]] std::string awaited_standby(Options options);

}  // namespace events::postgres
