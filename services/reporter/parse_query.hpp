#pragma once

#include "common/expected.hpp"
#include "reporter/query.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace events::reporter {

/// The time zones that the database knows.
using TimeZones = std::set<std::string, std::less<>>;

/// Reads a report's query string, e.g. "from=1700000000000&country=Peru".
///
/// Shape   contract, section 7. A time is RFC 3339, or epoch milliseconds (an integer, perhaps
///         negative). The ends are inclusive: a `to` in milliseconds means its whole millisecond,
///         so that an event at .123456 s lies within a `to` of .123 s.
/// Errors  every parameter that is unknown, repeated, malformed, or at odds with another one, each
///         once: first the unknown ones, then the others in the order of the contract's table.
///         `limit` without `groupBy` and `tz` without `interval` would have no effect: errors too.
/// Pure.
[[nodiscard]] Expected<Query, std::vector<BadParameter>> parse_query(Category category,
                                                                     std::string_view query,
                                                                     const TimeZones& zones);

}  // namespace events::reporter
