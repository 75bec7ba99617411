#pragma once

#include "common/events/time_limits.hpp"
#include "common/sources/source.hpp"

#include <chrono>
#include <optional>

namespace events::config {
class EnvReader;
}

/// How long events are kept (docs/retention.md).
namespace events::retention {

/// How many whole UTC days before today are kept; nothing: all of them.
using Days = std::optional<std::chrono::days>;

struct RetentionDays {
    BySource<Days> by_source{};

    [[nodiscard]] const Days& of(Source source) const { return by_source[source]; }
};

/// RETENTION_DAYS, and RETENTION_DAYS_<SOURCE> of each source, which win.
[[nodiscard]] RetentionDays read_days(config::EnvReader& read);

/// The same for a daemon that knows one source only.
[[nodiscard]] Days read_days_of(config::EnvReader& read, Source source);

/// The first instant that is kept at `now`: with 1 day, yesterday's midnight (UTC). Nothing where
/// all is kept. Pure.
[[nodiscard]] std::optional<Timestamp> first_kept(Timestamp now, const Days& days);

/// The same of each source, as an event is judged by it.
[[nodiscard]] TimeLimits limits_at(Timestamp now, const RetentionDays& days);

}  // namespace events::retention
