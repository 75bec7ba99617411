#pragma once

#include <cstdint>
#include <string>

namespace events::bench {

/// Adds rows to both tables of a database that holds some already: copies of those, each with a new
/// event, a new user and a time of its own, spread evenly over the last ten days, today included.
/// Triggers run and deltas are folded, so the rollups grow as they do in real life; profiles are
/// not made.
void add_rows(const std::string& url, std::uint64_t rows);

}  // namespace events::bench
