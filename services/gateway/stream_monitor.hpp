#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/jetstream.hpp"
#include "gateway/stream_loss.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace events::gateway {

/// Keeps stream_messages, stream_bytes, stream_max_bytes and stream_oldest_age_seconds of all
/// streams up to date by asking the broker every `interval`, on a thread of its own. The gateway
/// does it since it is there when every collector is gone, which is when streams fill up.
///
/// Without an answer the gauges keep their values: dependency_up tells whether they can be trusted.
/// A stream that does not exist holds nothing.
///
/// What went from a stream without that a collector had it counts in stream_lost_messages_total, by
/// the last look before, and is an error in the log, once.
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
        std::string durable;  ///< the consumer of a source's stream; empty: it has none
        std::optional<StreamSnapshot> last{};
        std::uint64_t seen_over = 0;  ///< the connection's generation at that look
        metrics::Counter& lost;
        metrics::Gauge& messages;
        metrics::Gauge& bytes;
        metrics::Gauge& max_bytes;
        metrics::Gauge& oldest_age;
    };

    static std::vector<Stream> make_all(metrics::Registry& metrics);
    static Stream make(const std::string& name, const std::string& durable, metrics::Labels labels,
                       metrics::Registry& metrics);
    void run(const std::stop_token& stop);
    void look(Stream& stream);
    void compare(Stream& stream, const std::optional<StreamSnapshot>& now, bool same_connection);

    nats::Connection& connection_;
    nats::JetStream jetstream_;
    std::chrono::milliseconds interval_;
    logging::Logger log_;
    std::vector<Stream> streams_;
    std::jthread thread_;
};

}  // namespace events::gateway
