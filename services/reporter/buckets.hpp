#pragma once

#include "common/expected.hpp"
#include "reporter/cells.hpp"

#include <pqxx/pqxx>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace events::reporter {

/// The buckets of a report's interval: those that some instant of its range falls into.
struct Buckets {
    std::vector<std::int64_t> starts;  ///< microseconds since the epoch, ascending
    std::vector<std::string> times;    ///< the same as RFC 3339
    std::span<const Grain> grains;     ///< what never straddles two buckets
    RowTime row_time = RowTime::minute;
};

/// Computes them in the database, which knows the time zones.
///
/// Where the range has no begin (no end), that of the first (last) event that the query counts is
/// taken. A bucket of a day is a calendar day of the zone, of 23 or 25 hours now and then. A time
/// has the zone's offset, "Z" for UTC and for offsets that RFC 3339 can't write (with seconds).
///
/// Errors  BadParameter when there are more than kMaxBuckets.
[[nodiscard]] Expected<Buckets, BadParameter> find_buckets(const Query& query,
                                                           pqxx::transaction_base& transaction);

/// The SQL expression of the bucket that "time" of a cell falls into, as Buckets::starts.
[[nodiscard]] std::string bucket_expression(const Query& query, Sql& sql);

}  // namespace events::reporter
