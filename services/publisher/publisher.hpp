#pragma once

#include "publisher/batch_source.hpp"
#include "publisher/gateway_watch.hpp"
#include "publisher/probe.hpp"
#include "publisher/sender.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace events::publisher {

struct PublisherOptions {
    GeneratorSettings events;
    EventClock clock = EventClock::wall;
    SenderOptions sender;
    unsigned concurrency = 4;  ///< POSTs in flight, retries included
};

/// Posts generated events on a fixed schedule: a POST begins every `interval`, whether or not the
/// one before was answered. While `concurrency` POSTs are in flight, turns are skipped; the batch
/// waits for the next turn, so no event is skipped. With an interval of 0 the next POST begins as
/// soon as one is answered.
///
/// The schedule begins with the gateway's first answer: events that nobody listens to are worth
/// nothing, and a generator has no past to lose.
///
/// Threads  one for the schedule, one for the generator, one per POST in flight; the public
///          functions may be called from any thread.
/// Memory   concurrency + 2 batches at most.
class Publisher {
  public:
    /// `when_done` is called once, from another thread, when every event of a limited run has its
    /// final answer.
    Publisher(PublisherOptions options, GatewayWatch& gateway, const Probe& probe,
              std::function<void()> when_done);
    /// Waits for the POSTs in flight; call stop() first for an end within a deadline.
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Begins no further POST, waits for those in flight (and, with retry, repeats them) until
    /// shortly before `deadline`. What is not answered by then is lost.
    [[nodiscard]] Summary stop(std::chrono::steady_clock::time_point deadline);

    /// What the run came to so far; `lost` without what is in flight.
    [[nodiscard]] Summary summary() const;

  private:
    using Clock = std::chrono::steady_clock;

    void run_schedule(const std::stop_token& stop);
    [[nodiscard]] bool may_post(const std::stop_token& stop);
    [[nodiscard]] Clock::time_point next_turn(Clock::time_point turn);
    void hand_over(Batch batch);
    void skip(std::uint64_t turns);
    void run_sender(const std::stop_token& stop, std::uint64_t number);
    void add(const Outcome& outcome);

    PublisherOptions options_;
    GatewayWatch& gateway_;
    const Probe& probe_;
    std::function<void()> when_done_;

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Batch> due_;   ///< handed over, not yet begun
    unsigned in_flight_ = 0;  ///< handed over, without a final answer
    Summary summary_;
    std::stop_source give_up_;  ///< no more repeats

    // The schedule's own: skipped turns are counted one by one, but logged now and then.
    std::uint64_t unreported_skips_ = 0;
    Clock::time_point next_skip_report_{};

    // Last: they use all of the above. The schedule ends first, then the senders.
    std::vector<std::jthread> senders_;
    std::jthread schedule_;
};

}  // namespace events::publisher
