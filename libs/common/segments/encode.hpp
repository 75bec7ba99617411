#pragma once

#include "common/segments/ids.hpp"
#include "common/segments/record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::segments {

/// Wide enough for any number of the dearest purchases.
__extension__ typedef __int128 Cents128;  // NOLINT(modernize-use-using): -Wpedantic

/// A stage and a type that events have: any texts, since they are the rows'.
struct EventKind {
    std::string funnel_stage;
    std::string event_type;

    friend auto operator<=>(const EventKind&, const EventKind&) = default;
};

/// The sums of the events of one hour and kind. Events that are taken back count as -1.
struct HourSum {
    std::int64_t hour = 0;   ///< since 1970
    std::uint32_t kind = 0;  ///< place in Sums::kinds
    std::int64_t events = 0;
    std::int64_t orders = 0;  ///< events with revenue
    Cents128 cents = 0;

    friend bool operator==(const HourSum&, const HourSum&) = default;
};

/// What stands in SQL beside segments, as arrays, and is read instead of the events' rows. Of an
/// hour and kind there may be several; make_sums() and add() leave one, in ascending order.
struct Sums {
    std::vector<EventKind> kinds;
    std::vector<HourSum> hours;

    /// The place of a kind, which may be a new one.
    [[nodiscard]] std::uint32_t kind_of(std::string_view funnel_stage, std::string_view event_type);
    void add(const Sums& other);

    friend bool operator==(const Sums&, const Sums&) = default;
};

/// What the catalogue tells of some events without their bytes.
struct Share {
    TimeRange times;  ///< of the first and of the last event
    std::uint64_t rows = 0;
    bool is_signed = false;  ///< some rows take events back
    Sums sums;

    /// The share of all events of two.
    void add(const Share& other);
};

/// A new segment, and the shares of the spans of time that it has rows in, ascending: one for all,
/// where no spans were asked for.
struct NewSegment {
    std::vector<std::byte> bytes;
    std::vector<Share> shares;
};

/// Encodes events of one source, of any days and in any order, as a segment. The same events give
/// the same bytes, whatever their order and the seed.
///
/// `spans` are the first instants of spans of time, ascending, such as the partitions' bounds. A
/// span ends where the next one begins; the first also has what is before it.
///
/// Nothing, when the records cancel each other or there are none. Pure.
/// Errors  std::length_error beyond the format's limits: see format.hpp.
[[nodiscard]] std::optional<NewSegment> encode(Source source, std::span<const Record> records,
                                               const Seed& seed,
                                               std::span<const std::int64_t> spans = {});

}  // namespace events::segments
