#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace events::bench::scaling {

enum class Process { sender, gateway, broker, collector, database };
inline constexpr std::size_t kProcesses = 5;

/// A simulated machine: cores that all computations share evenly, none of them on more than one
/// core, and a clock that only the computations and the timers move. Deterministic.
///
/// Continuations run in run_until(), at the simulated time when they are due; they may start
/// computations and timers. Single-threaded.
class Machine {
  public:
    using Continuation = std::function<void()>;

    /// A fraction of a core is what others leave. Throws std::invalid_argument unless positive.
    explicit Machine(double cores);

    /// Seconds since the beginning.
    [[nodiscard]] double now() const noexcept { return now_; }
    /// CPU time that a process has spent, seconds.
    [[nodiscard]] double cpu_seconds(Process process) const;

    /// Calls `then` when so much CPU time was spent; with 0 at the next turn.
    void compute(Process process, double microseconds, Continuation then);
    /// Calls `then` at that time, or at the next turn where it is over.
    void at(double seconds, Continuation then);

    void run_until(double seconds);

  private:
    struct Computation {
        Process process;
        double seconds_left;
        Continuation then;
    };
    struct Timer {
        double seconds;
        std::uint64_t order;  ///< of two at the same time, the one that was set first
        Continuation then;
    };

    [[nodiscard]] static bool later(const Timer& a, const Timer& b);
    [[nodiscard]] double share() const;
    void advance(double seconds);
    void finish_computations();
    void fire_timers();

    double cores_;
    double now_ = 0;
    std::uint64_t timers_set_ = 0;
    std::array<double, kProcesses> spent_{};
    std::vector<Computation> computations_;
    std::vector<Timer> timers_;  ///< a heap, the earliest first
};

}  // namespace events::bench::scaling
