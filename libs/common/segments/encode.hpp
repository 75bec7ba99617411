#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/record.hpp"
#include "common/segments/rows.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::segments {

/// Wide enough for any number of the dearest purchases.
__extension__ typedef __int128 Cents128;  // NOLINT(modernize-use-using): -Wpedantic

/// The sums of a segment's events of one hour, stage and type: small enough to stand in SQL, and
/// to be read instead of the events' rows. Events that are taken back count as -1.
struct HourSum {
    std::int64_t hour = 0;  ///< since 1970
    std::string funnel_stage;
    std::string event_type;
    std::int64_t events = 0;
    std::int64_t orders = 0;  ///< events with revenue
    Cents128 cents = 0;

    friend bool operator==(const HourSum&, const HourSum&) = default;
};

/// A new segment, and what its row in the database tells without reading it.
struct NewSegment {
    std::vector<std::byte> bytes;
    std::uint64_t rows = 0;
    std::int64_t first_time = 0;  ///< microseconds since 1970
    std::int64_t last_time = 0;
    bool is_signed = false;     ///< it has rows that take events back
    std::vector<HourSum> sums;  ///< ascending by hour, stage and type
};

/// Encodes events of one source, of any days and in any order, as a segment. The same events give
/// the same bytes, whatever their order and the seed.
///
/// Nothing, when the records cancel each other or there are none. Pure.
/// Errors  std::length_error beyond the format's limits: see format.hpp.
[[nodiscard]] std::optional<NewSegment> encode(Source source, std::span<const Record> records,
                                               const Seed& seed);

/// Writes rows that are in a segment's order; at least one. Errors as encode().
[[nodiscard]] NewSegment write_segment(const Rows& rows, const Texts& texts);

}  // namespace events::segments
