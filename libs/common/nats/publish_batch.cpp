#include "common/nats/publish_batch.hpp"

#include <fmt/format.h>

#include <utility>

namespace events::nats {
namespace {

/// The stream's own outcome; another one's acknowledgement is worth nothing.
PublishOutcome of_stream(const char* stream, PublishOutcome outcome) {
    if (!outcome.durable() || stream == nullptr || outcome.stream == stream) return outcome;
    return {.status = PublishStatus::refused,
            .code = kForeignStream,
            .error = fmt::format("stream {} acknowledged it instead of {}", outcome.stream, stream),
            .stream = std::move(outcome.stream)};
}

}  // namespace

std::size_t PublishBatch::open_slot(const char* stream) {
    const std::lock_guard lock{mutex_};
    progress_ = Clock::now();
    if (outcomes_.empty()) begin_ = progress_;
    outcomes_.emplace_back();
    settled_.push_back(false);
    written_on_.push_back(0);
    streams_.push_back(stream);
    ++waiting_;
    return outcomes_.size() - 1;
}

bool PublishBatch::begin_write(std::size_t index, std::uint64_t generation) {
    const std::lock_guard lock{mutex_};
    if (index >= settled_.size() || settled_[index]) return false;
    written_on_[index] = generation;
    progress_ = Clock::now();
    return true;
}

void PublishBatch::settle(std::size_t index, PublishOutcome outcome) {
    std::unique_lock lock{mutex_};
    if (index >= settled_.size() || settled_[index]) return;
    put(index, of_stream(streams_[index], std::move(outcome)));
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
    return give_up_if(std::move(lock), why, [](std::uint64_t /*written_on*/) { return true; });
}

std::size_t PublishBatch::give_up_lost(std::uint64_t generation, const char* why) {
    std::unique_lock lock{mutex_};
    return give_up_if(std::move(lock), why, [generation](std::uint64_t written_on) {
        return written_on != 0 && written_on < generation;
    });
}

template <typename IsLost>
std::size_t PublishBatch::give_up_if(std::unique_lock<std::mutex> lock, const char* why,
                                     IsLost is_lost) {
    if (waiting_ == 0) return 0;
    std::size_t count = 0;
    for (std::size_t index = 0; index < settled_.size(); ++index) {
        if (settled_[index] || !is_lost(written_on_[index])) continue;
        put(index, {.status = PublishStatus::unreachable, .code = 0, .error = why});
        ++count;
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
