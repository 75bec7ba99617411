#include "common/nats/provisioner.hpp"

#include "common/retry/backoff.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace events::nats {

using namespace std::chrono_literals;

Provisioner::Provisioner(Connection& connection, std::function<void()> provision,
                         logging::Logger log)
    : connection_{connection},
      provision_{std::move(provision)},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Provisioner::~Provisioner() = default;

void Provisioner::request() {
    const std::lock_guard lock{mutex_};
    requested_ = true;
    changed_.notify_one();
}

bool Provisioner::try_once() {
    try {
        provision_();
        done_.store(true, std::memory_order_release);
        complaint_.clear();
        return true;
    } catch (const std::exception& error) {
        if (std::exchange(complaint_, error.what()) != error.what()) {
            log_.warn("the broker is not set up yet", {{"err", error.what()}});
        }
        return false;
    }
}

void Provisioner::run(const std::stop_token& stop) {
    constexpr auto kLook = 50ms;  // how soon a new connection is noticed
    constexpr auto kRepeat = 2s;  // how soon a change by somebody else is
    using Clock = std::chrono::steady_clock;
    retry::Backoff backoff{100ms, 5s};
    std::uint64_t provisioned_generation = 0;
    Clock::time_point repeat_at{};
    while (!stop.stop_requested()) {
        const auto generation = connection_.generation();
        std::unique_lock lock{mutex_};
        const bool needed =
            requested_ || generation != provisioned_generation || Clock::now() >= repeat_at;
        if (!needed || !connection_.connected()) {
            changed_.wait_for(lock, stop, kLook, [] { return false; });
            continue;
        }
        requested_ = false;
        lock.unlock();
        if (try_once()) {
            provisioned_generation = generation;
            repeat_at = Clock::now() + kRepeat;
            backoff.reset();
            continue;
        }
        lock.lock();
        requested_ = true;
        changed_.wait_for(lock, stop, backoff.next(), [] { return false; });
    }
}

}  // namespace events::nats
