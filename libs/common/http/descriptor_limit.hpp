#pragma once

#include <cstddef>

namespace events::http {

/// How many of `wanted` connections the process' limit of open files has room for, besides what
/// else a daemon opens. Raises the soft limit as far as that needs and the hard one allows: a
/// daemon that has no descriptor left reaches neither its database nor its broker.
[[nodiscard]] std::size_t affordable_connections(std::size_t wanted) noexcept;

}  // namespace events::http
