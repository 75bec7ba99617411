#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/jetstream.hpp"

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace events::gateway {

/// Keeps stream_messages, stream_bytes, stream_max_bytes and stream_oldest_age_seconds of the three
/// streams up to date by asking the broker every `interval`, on a thread of its own. The gateway
/// does it since it is there when every collector is gone, which is when streams fill up.
///
/// Without an answer the gauges keep their values: dependency_up tells whether they can be trusted.
/// A stream that does not exist holds nothing.
class StreamMonitor {
  public:
    StreamMonitor(nats::Connection& connection, std::chrono::milliseconds interval,
                  logging::Logger log, metrics::Registry& metrics);

    /// It asks for nothing more; the destructor waits for an answer that is still to come, 5 s at
    /// most.
    void stop() { thread_.request_stop(); }

  private:
    struct Stream {
        std::string name;
        metrics::Gauge& messages;
        metrics::Gauge& bytes;
        metrics::Gauge& max_bytes;
        metrics::Gauge& oldest_age;
    };

    static Stream make(const std::string& name, metrics::Registry& metrics);
    void run(const std::stop_token& stop);
    void look(const Stream& stream);

    nats::Connection& connection_;
    nats::JetStream jetstream_;
    std::chrono::milliseconds interval_;
    logging::Logger log_;
    std::vector<Stream> streams_;
    std::jthread thread_;
};

}  // namespace events::gateway
