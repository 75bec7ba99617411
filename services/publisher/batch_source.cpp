#include "publisher/batch_source.hpp"

#include <chrono>
#include <utility>

namespace events::publisher {
namespace {

/// The start of the interval that ends now: nothing of a batch lies in the future.
Timestamp interval_before_now(std::chrono::milliseconds interval) {
    using namespace std::chrono;
    return floor<microseconds>(system_clock::now()) - interval;
}

}  // namespace

BatchSource::BatchSource(const GeneratorSettings& settings, EventClock clock) {
    thread_ = std::jthread{
        [this, settings, clock](const std::stop_token& stop) { run(stop, settings, clock); }};
}

std::optional<Batch> BatchSource::next(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [this] { return ready_.has_value() || ended_; });
    if (stop.stop_requested()) return std::nullopt;
    auto batch = std::exchange(ready_, std::nullopt);
    changed_.notify_all();
    return batch;
}

void BatchSource::run(const std::stop_token& stop, const GeneratorSettings& settings,
                      EventClock clock) {
    EventGenerator generator{settings};
    while (!stop.stop_requested()) {
        std::optional<Timestamp> base;
        if (clock == EventClock::wall) base = interval_before_now(settings.interval);
        auto batch = generator.next_batch(base);
        std::unique_lock lock{mutex_};
        if (!batch) {
            ended_ = true;
            changed_.notify_all();
            return;
        }
        if (!changed_.wait(lock, stop, [this] { return !ready_; })) return;
        ready_ = std::move(batch);
        changed_.notify_all();
    }
}

}  // namespace events::publisher
