#pragma once

#include "common/events/event.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace events {

/// The timestamps that an event may have, where a daemon judges them; nothing: any.
struct TimeLimits {
    std::optional<Timestamp> latest{};
    /// By source: an event before it is older than what is kept of its source.
    std::array<std::optional<Timestamp>, kSources.size()> earliest{};

    [[nodiscard]] bool is_too_old(Source source, Timestamp time) const noexcept {
        const auto& first = earliest.at(static_cast<std::size_t>(source));
        return first && time < *first;
    }
};

}  // namespace events
