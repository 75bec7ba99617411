#pragma once

#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "erase/person.hpp"

#include <atomic>
#include <span>
#include <string>

namespace events::erase {

/// Writes the segments of these partitions anew that have events of the persons beside such that
/// take them back, until none has: what the keeper of the collectors does within an hour. It does
/// the keeper's own work, in its transactions, so both may do it at once. Of a partition that is
/// not built nothing is to be done.
///
/// False when it was interrupted, or when something stood in the way for a minute.
/// Failure: as postgres::Connection says.
[[nodiscard]] bool rewrite_segments(postgres::Options database,
                                    std::span<const postgres::PartitionState> partitions,
                                    Persons persons, const std::atomic<bool>& interrupted);

}  // namespace events::erase
