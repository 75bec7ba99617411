#pragma once

#include "schedule.hpp"
#include "suite.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

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

/// Waits until the next fault meets three current copies of each stream; true without a cluster.
/// nats-server 2.9 can leave a copy behind for good, until its node is restarted: that is done
/// then, and said.
[[nodiscard]] bool await_whole_cluster(Suite& suite,
                                       const std::function<void(std::string_view)>& say);

}  // namespace events::test
