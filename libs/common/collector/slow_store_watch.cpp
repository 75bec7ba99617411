#include "common/collector/slow_store_watch.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;

/// How late a slow store may be noticed; guards come and go without waking the thread.
constexpr std::chrono::milliseconds kLook = 500ms;

}  // namespace

SlowStoreWatch::SlowStoreWatch(std::chrono::milliseconds after, std::function<std::string()> look,
                               std::function<void(std::string_view)> tell)
    : after_{after}, look_{std::move(look)}, tell_{std::move(tell)} {
    if (look_) thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

std::string SlowStoreWatch::take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(told_, {});
}

void SlowStoreWatch::begin() {
    const std::lock_guard lock{mutex_};
    look_at_ = Clock::now() + after_;
}

void SlowStoreWatch::end() {
    const std::lock_guard lock{mutex_};
    look_at_.reset();
}

void SlowStoreWatch::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        changed_.wait_for(lock, stop, std::min(kLook, after_), [] { return false; });
        if (!look_at_ || Clock::now() < *look_at_) continue;
        const auto looked_at = look_at_;
        lock.unlock();
        std::string found;
        try {
            found = look_();
        } catch (const std::exception&) {
            // It says nothing about what the store waits for; the store itself will fail.
        }
        lock.lock();
        if (look_at_ != looked_at) continue;  // it has ended meanwhile
        look_at_ = Clock::now() + after_;
        if (found.empty()) continue;
        told_ = found;
        tell_(found);
    }
}

}  // namespace events::collector
