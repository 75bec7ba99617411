#pragma once

#include <cstdint>
#include <string>

namespace events::bench {

/// Adds rows to today's partitions of both tables, which hold some already: copies of those, each
/// with a new event, a new user and a time of its own, evenly from midnight until now. Their
/// segments are built by whichever collectors run next, see is_built().
void add_rows(const std::string& url, std::uint64_t rows);

/// Whether reports read no partition's rows.
[[nodiscard]] bool is_built(const std::string& url);

}  // namespace events::bench
