#pragma once

#include "common/postgres/connection.hpp"
#include "common/postgres/segment_store.hpp"
#include "erase/person.hpp"
#include "erase/search.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace events::erase {

/// Rows by userId.
using RowCounts = std::map<std::string, std::int64_t, std::less<>>;

/// The attached partitions of these sources.
[[nodiscard]] std::vector<postgres::PartitionState> partitions_of(postgres::Connection& connection,
                                                                  std::span<const Source> sources);

/// What one partition had of the persons.
struct PartitionRows {
    Places places;
    RowCounts rows;
};

/// Counts their rows.
[[nodiscard]] PartitionRows count_rows(postgres::Connection& connection,
                                       const postgres::PartitionState& partition, Persons persons);

/// Deletes those of their rows that were accepted until `erased_at` (as timestamptz), through the
/// table of all events, whose triggers tell the segments: reports are right from the commit on.
/// Adds them to the ledger's entries of `targets` in the same transaction.
[[nodiscard]] PartitionRows delete_rows(postgres::Connection& connection,
                                        const postgres::PartitionState& partition, Persons persons,
                                        const std::vector<Target>& targets,
                                        const std::string& erased_at);

/// Calls `use` with each of their rows as a JSON object, by time.
void export_rows(postgres::Connection& connection, const postgres::PartitionState& partition,
                 Persons persons, const std::function<void(std::string_view row)>& use);

}  // namespace events::erase
