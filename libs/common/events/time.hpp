#pragma once

#include "common/events/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace events {

/// Reads an RFC 3339 date-time, e.g. "2026-03-01T12:00:00.123456789+02:00", and what other
/// languages write for it, e.g. "2026-03-01 12:00:00+0200".
///
/// Shape   date, 'T', 't' or a blank, time with seconds, optionally '.' and 1 to 9 digits, then
/// 'Z',
///         'z', or '+' or '-' with hh:mm or hhmm. Years 0000 to 9999. A leap second (:60) only
///         where UTC can have one (23:59:60), read as the second after it.
/// Units   exact to the microsecond; further digits are cut off, never rounded.
/// Errors  nothing for everything else: a missing offset, February 30, 24:00, a tenth digit.
/// Source  contract, section 2; RFC 3339, section 5.6.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

/// "2026-03-01T10:00:00.123456Z": always UTC, always six digits. parse_timestamp reads it back.
/// Years outside 0001 to 9999 are written as PostgreSQL reads them: "10000-01-01T...Z" and, since
/// PostgreSQL knows no year 0, "0001-12-31T...Z BC" for a day of RFC 3339's year 0000.
[[nodiscard]] std::string format_timestamp(Timestamp time);

}  // namespace events
