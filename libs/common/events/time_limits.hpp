#pragma once

#include "common/events/timestamp.hpp"
#include "common/sources/source.hpp"

#include <chrono>
#include <optional>

namespace events {

/// How far ahead of a gateway's clock a timestamp may be: `latest` is its clock and this.
inline constexpr std::chrono::hours kLatestAhead{24};

/// The timestamps that an event may have, where a daemon judges them; nothing: any.
struct TimeLimits {
    std::optional<Timestamp> latest{};
    /// An event before it is older than what is kept of its source.
    BySource<std::optional<Timestamp>> earliest{};

    [[nodiscard]] bool is_too_old(Source source, Timestamp time) const noexcept {
        const auto& first = earliest[source];
        return first && time < *first;
    }
};

}  // namespace events
