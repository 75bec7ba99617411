#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/jetstream.hpp"

#include <chrono>
#include <string>
#include <thread>

namespace events::collector {

/// Keeps consumer_pending_messages and consumer_unacknowledged_messages up to date by asking the
/// broker every `interval`, on a thread of its own. Without an answer the gauges keep their values.
class BacklogMonitor {
  public:
    BacklogMonitor(nats::Connection& connection, std::string stream, std::string durable,
                   std::chrono::milliseconds interval, logging::Logger log,
                   metrics::Registry& metrics);

    /// Messages in the stream that no collector had yet, when the broker last answered.
    [[nodiscard]] double pending() const { return pending_.Value(); }

  private:
    void run(const std::stop_token& stop);

    nats::Connection& connection_;
    nats::JetStream jetstream_;
    std::string stream_;
    std::string durable_;
    std::chrono::milliseconds interval_;
    logging::Logger log_;
    metrics::Gauge& pending_;
    metrics::Gauge& unacknowledged_;
    std::jthread thread_;
};

}  // namespace events::collector
