#pragma once

#include "common/segments/record.hpp"
#include "reporter/query.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <string>
#include <vector>

namespace events::reporter {

/// The buckets of an interval that some instant of a range falls into.
struct Buckets {
    std::vector<std::int64_t> starts;  ///< microseconds since 1970, ascending
    std::vector<std::string> times;    ///< the same as RFC 3339
};

/// Of a range that is not surely too long. Asks the database, which knows the time zones, unless
/// the zone is UTC.
///
/// A day is a calendar day of the zone, of 23 or 25 hours now and then; a week begins on Monday, a
/// month on its first, both at the zone's midnight. A time has the zone's offset, "Z" for UTC and
/// for offsets that RFC 3339 can't write (with seconds).
[[nodiscard]] Buckets read_buckets(const Query& query, const segments::TimeRange& range,
                                   pqxx::transaction_base& transaction);

}  // namespace events::reporter
