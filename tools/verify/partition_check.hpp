#pragma once

#include "common/postgres/segment_store.hpp"
#include "common/segments/ids.hpp"

#include <pqxx/pqxx>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace events::verify {

/// An event that only the table has, or only the segments.
struct Example {
    std::int64_t time = 0;        ///< microseconds since 1970
    std::string_view event_type;  ///< empty: none that we know
    bool is_missing = false;      ///< only the table has it
};

/// What came out of holding a partition's segments against its rows.
struct Outcome {
    postgres::PartitionState partition;
    std::string name{};     ///< as regclass writes it
    std::int64_t rows = 0;  ///< 0 where it is not built, as all below
    std::size_t segments = 0;
    std::int64_t changes = 0;
    std::int64_t missing = 0;            ///< rows that the segments do not have
    std::int64_t too_many = 0;           ///< events of segments that no row has
    bool are_all_counted = true;         ///< else there are more of both
    std::int64_t first_difference = 0;   ///< microseconds since 1970; where there is one
    std::vector<Example> examples{};     ///< the first ones, by time
    std::vector<std::string> damages{};  ///< of segments, a sentence each

    [[nodiscard]] bool is_equal() const noexcept {
        return missing == 0 && too_many == 0 && are_all_counted && damages.empty();
    }
};

/// Holds the partition's segments and changes against its rows, both of the transaction's snapshot;
/// does nothing where it is not built. Reads all of them once, and what differs once more. Needs
/// memory for one part of each segment, and for some hundred bytes of each of a few million rows
/// where they differ.
[[nodiscard]] Outcome check_partition(pqxx::transaction_base& transaction,
                                      const postgres::PartitionState& partition,
                                      const segments::Seed& seed);

}  // namespace events::verify
