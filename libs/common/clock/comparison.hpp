#pragma once

#include "common/events/event.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

namespace events::clock {

/// Up to here two clocks agree: time synchronisation keeps them within a fraction of it.
inline constexpr std::chrono::seconds kTolerance{30};

/// No true time of the suite is before this: what is, comes from a clock that was never set.
inline constexpr Timestamp kEarliest{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}};

/// This machine's wall clock.
[[nodiscard]] Timestamp now() noexcept;

/// What another machine's clock said, and ours right before and right after.
struct Reading {
    Timestamp before;
    Timestamp theirs;
    Timestamp after;
};

/// How far the clock of a dependency is from this machine's. Sets clock_offset_seconds (theirs less
/// ours; absent until it is known) and warns, with both times, when they begin to differ by more
/// than kTolerance. Neither is taken for the right one: who needs the time asks for both.
/// Thread-safe.
class Comparison {
  public:
    /// `dependency`: the metric's label, e.g. "nats".
    Comparison(std::string dependency, logging::Logger log, metrics::Registry& metrics);

    /// A reading that took longer than kTolerance, or during which our clock was set, is left out.
    void note(const Reading& reading);

    /// What their clock says now, where it is known to differ from ours; else our time.
    [[nodiscard]] Timestamp their_time() const noexcept { return now() + offset_.load(); }

  private:
    const std::string dependency_;
    const logging::Logger log_;
    metrics::Registry& metrics_;
    std::mutex mutex_;
    std::atomic<std::chrono::microseconds> offset_{std::chrono::microseconds{0}};
};

/// When an event was received: `stamped` by the gateway, kept by the broker at `stored`. An event
/// is received before it is stored, and not before kEarliest: else the broker's time counts.
[[nodiscard]] Timestamp reception_time(Timestamp stamped, Timestamp stored) noexcept;

}  // namespace events::clock
