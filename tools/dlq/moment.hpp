#pragma once

#include "common/events/event.hpp"

#include <optional>
#include <string_view>

namespace events::dlq {

/// Reads a point in time as an operator writes it.
///
/// Shape   RFC 3339 ("2026-03-01T12:00:00Z"), or how long before `now`: a whole number and one of
///         s, m, h, d, w ("90s", "2h", "7d").
/// Errors  nothing for everything else, and for what lies more than 100 years back.
[[nodiscard]] std::optional<Timestamp> parse_moment(std::string_view text, Timestamp now) noexcept;

}  // namespace events::dlq
