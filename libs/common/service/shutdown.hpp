#pragma once

#include "common/logging/logger.hpp"

#include <chrono>
#include <stop_token>
#include <thread>

namespace events::config {
class EnvReader;
}

namespace events::service {

struct ShutdownOptions {
    std::chrono::milliseconds grace{10'000};  ///< from the signal to the exit
    std::chrono::milliseconds delay{0};       ///< unready, but still serving, before draining
};

/// SHUTDOWN_GRACE_MS; without a delay.
[[nodiscard]] ShutdownOptions read_shutdown_options(config::EnvReader& read);

/// SHUTDOWN_DELAY_MS: of daemons that a load balancer may stand in front of.
[[nodiscard]] std::chrono::milliseconds read_shutdown_delay(config::EnvReader& read);

/// Waits for SIGTERM, SIGINT, SIGQUIT or SIGHUP (unless it was ignored before, by nohup), and sees
/// to it that a shutdown ends: a second signal other than SIGHUP, or the end of the grace, ends the
/// process at once. SIGPIPE, SIGXFSZ, SIGUSR1 and SIGUSR2 are ignored.
///
/// Make it first, in main: it blocks these signals for this thread and for every thread made after
/// it. One per process.
class Shutdown {
  public:
    Shutdown(ShutdownOptions options, logging::Logger log);
    ~Shutdown();
    Shutdown(const Shutdown&) = delete;
    Shutdown& operator=(const Shutdown&) = delete;

    /// Returns at the first signal or request(); from then on the grace runs.
    void wait();

    /// Asks for the shutdown from within; thread-safe.
    void request();

    /// Ends the process now, with work in hand: what could not be drained in time must not meet
    /// destructors that think it was.
    [[noreturn]] void give_up() const;

    /// When everything must have ended; valid after wait().
    [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept {
        return deadline_;
    }
    /// For how long to stay up, unready, before draining.
    [[nodiscard]] std::chrono::milliseconds delay() const noexcept { return options_.delay; }

  private:
    void watch(const std::stop_token& stop);

    ShutdownOptions options_;
    logging::Logger log_;
    std::chrono::steady_clock::time_point deadline_{};
    std::jthread watcher_;
};

}  // namespace events::service
