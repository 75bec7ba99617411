#pragma once

#include "common/events/event.hpp"

#include <optional>
#include <string_view>

namespace events::reporter {

/// An instant as a client wrote it: from `first` to `last`, both inclusive. They differ only where
/// the client's clock is coarser than ours: a millisecond has a thousand microseconds.
struct Instant {
    Timestamp first;
    Timestamp last;

    friend bool operator==(const Instant&, const Instant&) = default;
};

/// Reads `from` and `to`: RFC 3339, or epoch milliseconds within ±8,640,000,000,000,000 (the range
/// of a JavaScript Date). In RFC 3339, a space before the offset is a '+' that the client did not
/// percent-encode, and is read as one. Nothing for everything else. Pure.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);

}  // namespace events::reporter
