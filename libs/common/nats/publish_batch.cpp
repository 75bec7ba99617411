#include "common/nats/publish_batch.hpp"

#include <utility>

namespace events::nats {

std::size_t PublishBatch::open_slot() {
    const std::lock_guard lock{mutex_};
    progress_ = Clock::now();
    if (outcomes_.empty()) begin_ = progress_;
    outcomes_.emplace_back();
    settled_.push_back(false);
    ++waiting_;
    return outcomes_.size() - 1;
}

bool PublishBatch::begin_write(std::size_t index) {
    const std::lock_guard lock{mutex_};
    if (index >= settled_.size() || settled_[index]) return false;
    progress_ = Clock::now();
    return true;
}

void PublishBatch::settle(std::size_t index, PublishOutcome outcome) {
    std::unique_lock lock{mutex_};
    if (index >= settled_.size() || settled_[index]) return;
    put(index, std::move(outcome));
    progress_ = Clock::now();
    complete(std::move(lock));
}

void PublishBatch::finish() {
    std::unique_lock lock{mutex_};
    finished_ = true;
    complete(std::move(lock));
}

std::size_t PublishBatch::give_up(Clock::time_point heard_after, const char* why) {
    std::unique_lock lock{mutex_};
    if (waiting_ == 0 || progress_ > heard_after) return 0;
    const auto count = waiting_;
    for (std::size_t index = 0; index < settled_.size(); ++index) {
        if (settled_[index]) continue;
        put(index, {.status = PublishStatus::unreachable, .code = 0, .error = why});
    }
    complete(std::move(lock));
    return count;
}

void PublishBatch::put(std::size_t index, PublishOutcome outcome) {
    settled_[index] = true;
    outcomes_[index] = std::move(outcome);
    --waiting_;
}

void PublishBatch::complete(std::unique_lock<std::mutex> lock) {
    if (!finished_ || waiting_ != 0 || !done_) return;
    const auto done = std::exchange(done_, nullptr);
    auto outcomes = std::move(outcomes_);
    outcomes_.clear();
    const auto took =
        outcomes.empty() ? std::nullopt : std::optional<Clock::duration>{Clock::now() - begin_};
    lock.unlock();
    done(std::move(outcomes), took);
}

}  // namespace events::nats
