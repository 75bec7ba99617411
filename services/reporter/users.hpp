#pragma once

#include "reporter/report.hpp"

#include <pqxx/pqxx>

namespace events::reporter {

/// Computes a demographics report in the transaction's snapshot: distinct users, known by source
/// and id, with at least one event in the range that meets every condition.
///
/// Of a source it reads either the events' rows (short ranges), or the users' profiles with the
/// rows of the minutes that these do not know yet; users with just one profile, over the whole
/// history, are counted already (0002_rollups.sql). Whichever is cheapest by the numbers of events
/// and profiles: all give the same figures.
[[nodiscard]] Report compute_users(const Query& query, pqxx::transaction_base& transaction);

}  // namespace events::reporter
