#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/jetstream.hpp"

#include <chrono>
#include <cstdint>
#include <thread>

namespace events::collector {

/// Keeps consumer_pending_messages and consumer_unacknowledged_messages up to date by asking the
/// broker every `interval`, on a thread of its own. Without an answer the gauges keep their values.
///
/// It also sees to it that nothing stays in the stream for ever, which a server can cause in two
/// ways. One that lost the end of a stream (its disk was full or failed) counts its messages anew
/// from a lower number, and the consumer, which remembers the higher one, takes them for
/// acknowledged. And the copies of a cluster can come to disagree when a leader dies: the stream's
/// leader has messages that the consumer's leader, on another node, knows nothing of. Then the
/// consumer is made anew, again and again until it is on a node that has them, which delivers all
/// of them; what is delivered twice by that, the store absorbs.
class BacklogMonitor {
  public:
    BacklogMonitor(nats::Connection& connection, nats::ConsumerConfig consumer,
                   std::chrono::milliseconds interval, logging::Logger log,
                   metrics::Registry& metrics);

    /// Messages in the stream that no collector had yet, when the broker last answered.
    [[nodiscard]] double pending() const { return pending_.Value(); }

  private:
    void run(const std::stop_token& stop);
    void look();
    [[nodiscard]] bool is_stuck(const nats::ConsumerInfo& consumer);

    nats::Connection& connection_;
    nats::JetStream jetstream_;
    nats::ConsumerConfig consumer_;
    std::chrono::milliseconds interval_;
    logging::Logger log_;
    metrics::Gauge& pending_;
    metrics::Gauge& unacknowledged_;
    std::uint64_t suspect_ = 0;  ///< the oldest message, if it seems to be stuck; 0: none
    std::jthread thread_;
};

}  // namespace events::collector
