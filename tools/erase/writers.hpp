#pragma once

#include "common/postgres/connection.hpp"

#include <functional>
#include <string_view>

namespace events::erase {

/// Waits until every transaction has ended that has begun to write to a table of events, without
/// holding up anybody: it takes no lock, it looks who holds one. Whoever begins later sees what was
/// committed before this call.
///
/// Calls `waits` with who is waited for, again and again while it lasts, and gives up where that
/// gives false: then this does, too. Failure: as Connection says.
[[nodiscard]] bool await_writers(postgres::Connection& connection,
                                 const std::function<bool(std::string_view who)>& waits);

}  // namespace events::erase
