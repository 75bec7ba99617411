#include "common/service/shutdown.hpp"

#include "common/config/env_reader.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

namespace events::service {
namespace {

using namespace std::chrono_literals;

/// The process asks itself to stop with this one; nobody else sends it by habit.
constexpr int kRequest = SIGUSR1;

sigset_t stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, kRequest);
    return signals;
}

}  // namespace

ShutdownOptions read_shutdown_options(config::EnvReader& read) {
    return {
        .grace = read.milliseconds("SHUTDOWN_GRACE_MS", 10s, {100ms, 5min},
                                   "the longest time from SIGTERM to the exit"),
        .delay =
            read.milliseconds("SHUTDOWN_DELAY_MS", 0ms, {0ms, 5min},
                              "how long to stay up, unready, before draining: for load balancers"),
    };
}

Shutdown::Shutdown(ShutdownOptions options, logging::Logger log)
    : options_{options}, log_{std::move(log)} {
    const auto signals = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // A peer that went away is an error of the write, not the end of the process.
    ::signal(SIGPIPE, SIG_IGN);
}

Shutdown::~Shutdown() = default;

void Shutdown::wait() {
    const auto signals = stop_signals();
    int number = 0;
    while (::sigwait(&signals, &number) != 0) {
    }
    deadline_ = std::chrono::steady_clock::now() + options_.grace;
    const std::string_view cause = number == SIGTERM  ? "SIGTERM"
                                   : number == SIGINT ? "SIGINT"
                                                      : "request";
    log_.info("shutting down", {{"cause", cause}, {"graceMs", options_.grace.count()}});
    watcher_ = std::jthread{[this](const std::stop_token& stop) { watch(stop); }};
}

void Shutdown::request() {
    ::kill(::getpid(), kRequest);
}

void Shutdown::give_up() const {
    log_.fatal("the shutdown took longer than its grace: leaving with work in hand",
               {{"graceMs", options_.grace.count()}});
    ::_exit(EXIT_FAILURE);
}

void Shutdown::watch(const std::stop_token& stop) {
    const auto signals = stop_signals();
    constexpr timespec kStep{.tv_sec = 0, .tv_nsec = 50'000'000};
    while (!stop.stop_requested()) {
        const int number = ::sigtimedwait(&signals, nullptr, &kStep);
        if (number == SIGTERM || number == SIGINT) {
            log_.warn("second signal: leaving at once");
            ::_exit(128 + number);
        }
        if (std::chrono::steady_clock::now() >= deadline_) give_up();
    }
}

}  // namespace events::service
