#pragma once

#include <cstdint>

namespace events::test {

/// A loopback port that was free a moment ago and that no other test process is given while this
/// one lives: each holds a lock file for each port it was given.
[[nodiscard]] std::uint16_t free_port();

/// Whether something listens on that loopback port.
[[nodiscard]] bool accepts_connections(std::uint16_t port);

}  // namespace events::test
