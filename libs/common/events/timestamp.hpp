#pragma once

#include <chrono>

namespace events {

/// Instants are UTC, exact to the microsecond, as PostgreSQL keeps them.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

}  // namespace events
