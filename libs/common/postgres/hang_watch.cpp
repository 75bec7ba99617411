#include "common/postgres/hang_watch.hpp"

#include <algorithm>
#include <utility>

namespace events::postgres {
namespace {

/// How late a hung server may be noticed; turns come and go without waking the thread.
constexpr std::chrono::milliseconds kLook{500};

}  // namespace

HangWatch::HangWatch(std::shared_ptr<Interrupter> connection, std::chrono::milliseconds patience)
    : connection_{std::move(connection)},
      patience_{patience},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void HangWatch::begin() {
    const std::lock_guard lock{mutex_};
    deadline_ = Clock::now() + patience_;
}

void HangWatch::end() {
    const std::lock_guard lock{mutex_};
    deadline_.reset();
}

void HangWatch::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        changed_.wait_for(lock, stop, std::min(kLook, patience_), [] { return false; });
        // Under the lock, so that it never hits the turn behind the one that took too long. Again
        // and again: the thread may have connected anew within its turn.
        if (deadline_ && *deadline_ < Clock::now()) connection_->hang_up();
    }
}

}  // namespace events::postgres
