#pragma once

#include "common/expected.hpp"
#include "reporter/report.hpp"

#include <pqxx/pqxx>

namespace events::reporter {

/// Computes an events or a revenue report in the transaction's snapshot. The cost grows with the
/// number of buckets in the range, not of events.
///
/// Errors  BadParameter when `interval` gives too many buckets.
[[nodiscard]] Expected<Report, BadParameter> compute_sums(const Query& query,
                                                          pqxx::transaction_base& transaction);

}  // namespace events::reporter
