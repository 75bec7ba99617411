#pragma once

#include "common/postgres/segment_store.hpp"
#include "erase/person.hpp"

#include <pqxx/pqxx>

#include <cstdint>
#include <string>
#include <vector>

namespace events::erase {

/// Where a partition has events of some persons, in one snapshot.
struct Places {
    /// Whether segments and changes told; else only the partition's rows can.
    bool is_known = false;
    std::vector<std::int64_t> times;     ///< of their events, also of those taken back; ascending
    std::vector<std::int64_t> segments;  ///< ids of those that have any of them
    std::int64_t changes = 0;            ///< rows of event_changes

    [[nodiscard]] bool any() const noexcept { return !segments.empty() || changes > 0; }
};

/// Looks the persons up in the partition's segments, which are sorted by user, and in its changes:
/// a tenth of what its rows take. A partition that is not built, or of which a segment is damaged,
/// is not known. Holds one part of one segment at a time.
[[nodiscard]] Places find_places(pqxx::transaction_base& transaction,
                                 const postgres::PartitionState& partition, Persons persons);

/// Conditions on rows of the source's table of events, of which each row there can be of the
/// persons satisfies just one: exact times, so that the key's index finds them, or the partition's
/// bounds.
[[nodiscard]] std::vector<std::string> conditions(const postgres::PartitionState& partition,
                                                  const Places& places);

}  // namespace events::erase
