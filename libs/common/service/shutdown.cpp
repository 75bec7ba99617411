#include "common/service/shutdown.hpp"

#include "common/config/env_reader.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

namespace events::service {
namespace {

using namespace std::chrono_literals;

/// What operators, terminals and supervisors send to end a program.
constexpr std::array<std::pair<int, std::string_view>, 4> kStopSignals{{
    {SIGTERM, "SIGTERM"},
    {SIGINT, "SIGINT"},
    {SIGQUIT, "SIGQUIT"},
    {SIGHUP, "SIGHUP"},
}};

/// What would end the process by default, and means nothing to it. A peer that went away, and a
/// file that became too large, are errors of the write.
constexpr std::array kIgnored{SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2};

/// The process asks itself to stop with this one; nobody else sends it by habit.
int request_signal() {
    return SIGRTMIN;
}

/// Whether the process was started with the signal ignored, as nohup does with SIGHUP.
bool is_ignored(int number) {
    struct sigaction action {};
    return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stop_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const auto& [number, name] : kStopSignals) {
        // A shell without job control starts its background jobs with SIGINT and SIGQUIT ignored,
        // which says nothing about a daemon.
        if (number != SIGHUP || !is_ignored(number)) ::sigaddset(&signals, number);
    }
    ::sigaddset(&signals, request_signal());
    return signals;
}

std::string_view name_of(int number) {
    for (const auto& [known, name] : kStopSignals) {
        if (known == number) return name;
    }
    return "request";
}

}  // namespace

ShutdownOptions read_shutdown_options(config::EnvReader& read) {
    return {.grace = read.milliseconds("SHUTDOWN_GRACE_MS", 10s, {100ms, 5min},
                                       "the longest time from SIGTERM to the exit")};
}

std::chrono::milliseconds read_shutdown_delay(config::EnvReader& read) {
    return read.milliseconds("SHUTDOWN_DELAY_MS", 0ms, {0ms, 5min},
                             "how long to stay up, unready, before draining: for load balancers");
}

Shutdown::Shutdown(ShutdownOptions options, logging::Logger log)
    : options_{options}, log_{std::move(log)} {
    const auto signals = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    for (const int number : kIgnored) ::signal(number, SIG_IGN);
}

Shutdown::~Shutdown() = default;

void Shutdown::wait() {
    const auto signals = stop_signals();
    int number = 0;
    while (::sigwait(&signals, &number) != 0) {
    }
    deadline_ = std::chrono::steady_clock::now() + options_.grace;
    log_.info("shutting down", {{"cause", name_of(number)}, {"graceMs", options_.grace.count()}});
    watcher_ = std::jthread{[this](const std::stop_token& stop) { watch(stop); }};
}

void Shutdown::request() {
    ::kill(::getpid(), request_signal());
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
        // SIGHUP comes twice from a terminal, and behind SIGTERM from systemd.
        if (number == SIGTERM || number == SIGINT || number == SIGQUIT) {
            log_.warn("second signal: leaving at once");
            ::_exit(128 + number);
        }
        if (std::chrono::steady_clock::now() >= deadline_) give_up();
    }
}

}  // namespace events::service
