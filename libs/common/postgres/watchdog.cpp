#include "common/postgres/watchdog.hpp"

#include <algorithm>
#include <utility>

namespace events::postgres {
namespace {

/// How late a hung server may be noticed; statements come and go without waking the thread.
constexpr std::chrono::milliseconds kLook{500};

}  // namespace

Watchdog::Watchdog(std::shared_ptr<Interrupter> connection, std::chrono::milliseconds timeout)
    : connection_{std::move(connection)},
      timeout_{timeout},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Watchdog::begin() {
    const std::lock_guard lock{mutex_};
    deadline_ = Clock::now() + timeout_;
}

void Watchdog::renew() {
    const std::lock_guard lock{mutex_};
    if (deadline_) deadline_ = Clock::now() + timeout_;
}

void Watchdog::end() {
    const std::lock_guard lock{mutex_};
    deadline_.reset();
}

void Watchdog::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        changed_.wait_for(lock, stop, std::min(kLook, timeout_), [] { return false; });
        // Under the lock, so that it never hits the statement behind the one that took too long.
        // Again and again: the thread may have connected anew meanwhile.
        if (deadline_ && *deadline_ < Clock::now()) connection_->hang_up();
    }
}

}  // namespace events::postgres
