#pragma once

#include "schedule.hpp"
#include "suite.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace events::test {

/// Makes the fault, waits for its duration and heals it. Failure: std::runtime_error when the
/// servers themselves can't be brought to it.
void inject(Suite& suite, const Fault& fault);

/// How long after the end of a fault each of these was the case again.
struct Recovery {
    std::chrono::milliseconds accepting{};  ///< the gateway answers 201
    std::chrono::milliseconds ready{};      ///< all daemons are
    std::chrono::milliseconds drained{};    ///< what was acknowledged before is stored

    [[nodiscard]] std::chrono::milliseconds whole() const {
        return std::max({accepting, ready, drained});
    }
};

/// Waits for it, from now; nothing when it never comes. Posts events of its own.
[[nodiscard]] std::optional<Recovery> await_recovery(Suite& suite);

}  // namespace events::test
