#include "common/postgres/cancel_on_stop.hpp"

#include "common/postgres/canceller.hpp"
#include "common/postgres/interrupter.hpp"

#include <chrono>
#include <utility>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

/// A server that works has cancelled a statement within milliseconds; then it is hung up on, again
/// and again, since the thread may make a new connection.
constexpr auto kCancelTimeout = 1s;
constexpr auto kHangUpAgain = 50ms;

}  // namespace

CancelOnStop::CancelOnStop(std::stop_token stop, std::shared_ptr<Interrupter> connection)
    : connection_{std::move(connection)}, thread_{[this, stop = std::move(stop)] { run(stop); }} {}

CancelOnStop::~CancelOnStop() {
    {
        const std::lock_guard lock{mutex_};
        ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void CancelOnStop::run(const std::stop_token& stop) {
    const auto ended = [this] { return ended_; };
    std::unique_lock lock{mutex_};
    if (changed_.wait(lock, stop, ended)) return;
    Canceller canceller;
    canceller.want(connection_);
    if (changed_.wait_for(lock, kCancelTimeout, ended)) return;
    do {
        connection_->hang_up();
    } while (!changed_.wait_for(lock, kHangUpAgain, ended));
}

}  // namespace events::postgres
