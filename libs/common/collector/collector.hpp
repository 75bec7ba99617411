#pragma once

#include "common/collector/event_store.hpp"
#include "common/collector/probe.hpp"
#include "common/events/parser.hpp"
#include "common/health/registry.hpp"
#include "common/nats/publisher.hpp"
#include "common/nats/pull_consumer.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace events::collector {

struct CollectorOptions {
    Source source{};
    std::size_t batch_size = 1000;               ///< events
    std::chrono::milliseconds batch_wait{20};    ///< how long a batch waits for company
    std::chrono::milliseconds ack_wait{60'000};  ///< of the consumer: half of it is our heartbeat
    std::chrono::milliseconds ping_interval{2'000};  ///< of the database, while there is no event
};

/// Moves events from a source's stream into its table: gathers a batch, stores it in one
/// transaction, acknowledges its messages after the commit.
///
/// - What can never be stored (not an event of this source, or refused by the database for its
///   content) goes to the dead letters; a refused batch is halved until the culprits are alone, and
///   the rest is stored.
/// - While the database is away the batch is kept and retried with backoff, its messages are kept
/// in
///   progress, and what was prefetched is given back to the stream.
/// - A message is acknowledged when each of its events is in the database or in the dead letters,
///   never before: a crash at any point means a redelivery, which the store absorbs.
///
/// Runs on a thread of its own, from construction until stop() or the destructor; everything it is
/// given must outlive it and belongs to that thread meanwhile. `prepare` runs there first (the
/// migrations), is retried like a batch while it throws postgres::Unavailable, and any other
/// exception of it is `failed`.
class Collector {
  public:
    Collector(CollectorOptions options, nats::PullConsumer& consumer, nats::Publisher& dead_letters,
              EventStore& store, health::Indicator& database, Probe& probe,
              std::function<void()> prepare, std::function<void(std::string_view)> failed);
    /// Finishes the batch in hand.
    ~Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    /// Finishes the batch in hand, gives the rest back to the stream, ends the thread.
    void stop();

  private:
    /// A message of the batch, with what its events need to live until they are stored.
    struct Item {
        nats::Delivery delivery;
        Envelope envelope;
        std::string payload;  ///< padded for the parser; the events view it
    };

    /// Where an event of the batch comes from.
    struct Origin {
        const Item* item;
        std::string_view raw;
    };

    struct Batch {
        std::deque<Item> items;  ///< a deque never moves its elements: events view into them
        TextArena texts;
        std::vector<StorableEvent> events;
        std::vector<Origin> origins;  ///< of each of `events`
        std::size_t expected = 0;     ///< events, as the messages' headers say
        BatchFigures figures;
    };

    void run(const std::stop_token& stop);
    bool prepare_store(const std::stop_token& stop);

    Batch gather(const std::stop_token& stop);
    void adapt_window(const Batch& batch);
    void process(Batch& batch, const std::stop_token& stop);

    // Each of these is false when it gave up because of `stop`.
    bool decode(Batch& batch, const std::stop_token& stop);
    bool store_or_split(Batch& batch, std::size_t first, std::size_t count,
                        const std::stop_token& stop);
    bool dead_letter(Batch& batch, const Origin& origin, const Rejection& why,
                     const std::stop_token& stop);
    bool wait_out(Batch& batch, std::chrono::milliseconds delay, const std::stop_token& stop);

    void keep_in_progress(Batch& batch);
    void database_answered();
    void database_failed(std::string_view why);
    void ping_when_idle();

    CollectorOptions options_;
    nats::PullConsumer& consumer_;
    nats::Publisher& dead_letters_;
    EventStore& store_;
    health::Indicator& database_;
    Probe& probe_;
    std::function<void()> prepare_;
    std::function<void(std::string_view)> failed_;
    Parser parser_;
    std::optional<nats::Delivery> carried_;  ///< would have made the last batch too large
    std::chrono::steady_clock::time_point last_contact_{};    ///< with the database
    std::chrono::steady_clock::time_point last_heartbeat_{};  ///< of the batch in hand
    std::jthread thread_;
};

}  // namespace events::collector
