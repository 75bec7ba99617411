#pragma once

#include <atomic>

namespace events::dlq {

/// Set by SIGINT and SIGTERM from this call on, so that a command stops between two letters; a
/// second signal ends the process at once. One per process, since signals are.
[[nodiscard]] const std::atomic<bool>& watch_interrupts();

}  // namespace events::dlq
