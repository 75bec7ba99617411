#pragma once

#include "reporter/query.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace events::reporter {

/// From `begin` up to, and without, `end`; open where there is none.
struct Range {
    std::optional<Timestamp> begin{};
    std::optional<Timestamp> end{};

    friend bool operator==(const Range&, const Range&) = default;
};

/// The range of a query: `to` is inclusive, and times are exact to the microsecond. Pure.
[[nodiscard]] Range range_of(const Query& query);

/// What a slice is answered from: rollups of that width, or the events' rows.
enum class Grain : std::uint8_t { row, minute, hour, day };

struct Slice {
    Grain grain = Grain::row;
    Range range;  ///< of whole grains, in UTC

    friend bool operator==(const Slice&, const Slice&) = default;
};

/// Cuts a range into slices, in order and without gaps: its middle into the coarsest of `grains`,
/// its ragged ends into finer ones. `grains` are given from the coarsest to the finest; the last
/// one is Grain::row. Pure.
[[nodiscard]] std::vector<Slice> cut(const Range& range, std::span<const Grain> grains);

/// The whole minutes of a range; nothing when there is none.
[[nodiscard]] std::optional<Range> whole_minutes(const Range& range);

}  // namespace events::reporter
