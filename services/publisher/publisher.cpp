#include "publisher/publisher.hpp"

#include "common/retry/pause.hpp"

#include <algorithm>
#include <utility>

namespace events::publisher {
namespace {

using namespace std::chrono_literals;

/// What stop() leaves of its deadline to the rest of the shutdown: a tenth, at most this.
constexpr std::chrono::nanoseconds kLongestReserve = 300ms;

constexpr auto kSkipReportInterval = 10s;

}  // namespace

Publisher::Publisher(PublisherOptions options, GatewayWatch& gateway, const Probe& probe,
                     std::function<void()> when_done)
    : options_{std::move(options)},
      gateway_{gateway},
      probe_{probe},
      when_done_{std::move(when_done)} {
    for (unsigned i = 0; i < options_.concurrency; ++i) {
        senders_.emplace_back([this, i](const std::stop_token& stop) { run_sender(stop, i); });
    }
    schedule_ = std::jthread{[this](const std::stop_token& stop) { run_schedule(stop); }};
}

Publisher::~Publisher() {
    give_up_.request_stop();
}

Summary Publisher::stop(std::chrono::steady_clock::time_point deadline) {
    schedule_.request_stop();
    // The schedule may be handing over its last batch.
    if (schedule_.joinable()) schedule_.join();

    const auto left = std::max<Clock::duration>(deadline - Clock::now(), 0ns);
    const auto reserve = std::min<Clock::duration>(left / 10, kLongestReserve);
    const auto idle = [this] { return in_flight_ == 0; };
    std::unique_lock lock{mutex_};
    if (!changed_.wait_until(lock, deadline - reserve, idle)) {
        lock.unlock();
        give_up_.request_stop();
        lock.lock();
        // Who only paused before the next attempt ends at once.
        changed_.wait_until(lock, deadline - reserve / 2, idle);
    }
    auto result = summary_;
    result.lost = result.sent - std::min(result.sent, result.saved + result.failed);
    return result;
}

Summary Publisher::summary() const {
    const std::lock_guard lock{mutex_};
    return summary_;
}

void Publisher::run_schedule(const std::stop_token& stop) {
    probe_.waiting_for_gateway();
    if (!gateway_.wait_for_first_answer(stop)) return;
    probe_.begins(options_.events);

    BatchSource source{options_.events, options_.clock};
    for (auto turn = Clock::now(); retry::pause(turn - Clock::now(), stop);
         turn = next_turn(turn)) {
        if (!may_post(stop)) continue;
        auto batch = source.next(stop);
        if (!batch) break;
        hand_over(std::move(*batch));
    }
    std::unique_lock lock{mutex_};
    const bool answered = changed_.wait(lock, stop, [this] { return in_flight_ == 0; });
    lock.unlock();
    if (answered && !stop.stop_requested()) when_done_();
}

bool Publisher::may_post(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    const auto free = [this] { return in_flight_ < options_.concurrency; };
    if (options_.events.interval == 0ms) return changed_.wait(lock, stop, free);
    if (free()) return true;
    lock.unlock();
    skip(1);
    return false;
}

/// The turn after `turn`; those that passed while a batch was still being made are skipped.
Publisher::Clock::time_point Publisher::next_turn(Clock::time_point turn) {
    const std::chrono::nanoseconds interval{options_.events.interval};
    turn += interval;
    const auto late = Clock::now() - turn;
    if (interval == 0ns || late < interval) return turn;
    const auto missed = late / interval;
    skip(static_cast<std::uint64_t>(missed));
    return turn + missed * interval;
}

void Publisher::skip(std::uint64_t turns) {
    {
        const std::lock_guard lock{mutex_};
        summary_.skipped += turns;
    }
    probe_.skipped(turns);
    unreported_skips_ += turns;
    if (Clock::now() < next_skip_report_) return;
    probe_.falling_behind(std::exchange(unreported_skips_, 0));
    next_skip_report_ = Clock::now() + kSkipReportInterval;
}

void Publisher::hand_over(Batch batch) {
    const std::lock_guard lock{mutex_};
    ++in_flight_;
    ++summary_.posts;
    summary_.sent += batch.events();
    due_.push_back(std::move(batch));
    changed_.notify_all();
}

void Publisher::run_sender(const std::stop_token& stop, std::uint64_t number) {
    // Jitter has to differ between publishers, not to repeat itself.
    const auto seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()) + number;
    Sender sender{options_.sender, gateway_, probe_, seed};
    while (true) {
        std::unique_lock lock{mutex_};
        if (!changed_.wait(lock, stop, [this] { return !due_.empty(); })) return;
        const auto batch = std::move(due_.front());
        due_.pop_front();
        lock.unlock();
        add(sender.post(batch, give_up_.get_token()));
    }
}

void Publisher::add(const Outcome& outcome) {
    const std::lock_guard lock{mutex_};
    --in_flight_;
    summary_.saved += outcome.answer.saved;
    summary_.failed += outcome.answer.failed;
    summary_.spooled += outcome.answer.spooled;
    summary_.retried += outcome.retries;
    summary_.lost += outcome.lost;
    changed_.notify_all();
}

}  // namespace events::publisher
