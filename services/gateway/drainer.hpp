#pragma once

#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/publisher.hpp"
#include "gateway/probe.hpp"
#include "gateway/spool.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace events::gateway {

/// Publishes what is in the spool, oldest first, for as long as it takes, and removes each request
/// after its last PubAck. What JetStream refuses (a full stream) waits, and only what goes to the
/// same subject waits with it. A thread of its own.
///
/// It is also who knows whether JetStream takes anything at all: while it does not, a request need
/// not wait for a time-out to learn it.
class Drainer {
  public:
    /// `on_missing_stream` is called when our stream is not there.
    Drainer(Spool& spool, nats::Connection& connection, nats::Publisher& publisher, Probe& probe,
            std::function<void()> on_missing_stream, logging::Logger log);

    /// JetStream could not be reached: what comes now goes to the spool, until something from there
    /// was published.
    void hold() noexcept { held_ = true; }
    [[nodiscard]] bool is_holding() const { return held_ && !spool_.empty(); }

  private:
    enum class Progress : std::uint8_t { done, refused, unreachable };

    void run(const std::stop_token& stop);
    /// Goes through all files once.
    Progress pass(const std::stop_token& stop);
    Progress publish(std::span<const SpoolFile> files, std::set<std::string, std::less<>>& refused);
    void count(const SpooledMessage& message);

    Spool& spool_;
    nats::Connection& connection_;
    nats::Publisher& publisher_;
    Probe& probe_;
    std::function<void()> on_missing_stream_;
    logging::Logger log_;
    std::atomic<bool> held_{false};
    std::jthread thread_;
};

}  // namespace events::gateway
