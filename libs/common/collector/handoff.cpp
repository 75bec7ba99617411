#include "common/collector/handoff.hpp"

#include <utility>

namespace events::collector {

bool Handoff::give(Batch& batch, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [this] { return held_ || (wanted_ && !given_); });
    if (held_ || !wanted_ || given_) return false;
    given_ = std::move(batch);
    changed_.notify_all();
    return true;
}

std::optional<Batch> Handoff::take(std::chrono::milliseconds patience,
                                   const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    wanted_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, stop, patience, [this] { return given_.has_value(); });
    wanted_ = false;
    return std::exchange(given_, std::nullopt);
}

bool Handoff::held() const {
    const std::lock_guard lock{mutex_};
    return held_;
}

void Handoff::wait_while_held(const std::stop_token& stop) const {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [this] { return !held_; });
}

void Handoff::hold() {
    set_held(true);
}

void Handoff::resume() {
    set_held(false);
}

void Handoff::set_held(bool held) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(held_, held) != held) changed_.notify_all();
}

}  // namespace events::collector
