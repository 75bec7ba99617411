#pragma once

#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/jetstream.hpp"
#include "common/nats/publisher.hpp"
#include "gateway/probe.hpp"
#include "gateway/spool.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
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
/// same subject waits with it; a file that the disk does not give waits alone. What is published
/// counts, also where the disk does not let it be removed. A thread of its own.
///
/// It is also who knows whether JetStream takes anything at all: while it does not, a request need
/// not wait for a time-out to learn it.
class Drainer {
  public:
    /// `on_missing_stream` is called when our stream is not there.
    Drainer(Spool& spool, nats::Connection& connection, nats::Publisher& publisher, Probe& probe,
            std::function<void()> on_missing_stream, logging::Logger log);

    /// JetStream could not be reached: what comes now goes to the spool, until JetStream answers
    /// again.
    void hold() noexcept { held_ = true; }
    [[nodiscard]] bool is_holding() const { return held_ && !spool_.empty(); }
    void release() noexcept { held_ = false; }

    /// JetStream refused what the spool could not take either.
    void refused() noexcept { refused_at_ = Clock::now().time_since_epoch(); }
    /// JetStream took something.
    void taken() noexcept;
    /// Why JetStream takes nothing, as far as is known; empty: it does.
    [[nodiscard]] std::string problem() const;

  private:
    using Clock = std::chrono::steady_clock;
    enum class Progress : std::uint8_t { done, waits, unreachable };
    struct Loaded;

    void run(const std::stop_token& stop);
    /// Goes through all files once.
    Progress pass(const std::stop_token& stop);
    std::vector<Loaded> load(std::span<const SpoolFile> files);
    Progress publish(std::vector<Loaded>& files, std::set<std::string, std::less<>>& refused);
    void remove_published(const std::vector<Loaded>& files);
    void count(const SpooledMessage& message);
    /// Asks JetStream whether it answers, where nothing of the spool can tell.
    void ask();
    void disk_failed(const std::exception& error);
    void tell_of_the_disk();

    Spool& spool_;
    nats::Connection& connection_;
    nats::JetStream jetstream_;
    nats::Publisher& publisher_;
    Probe& probe_;
    std::function<void()> on_missing_stream_;
    logging::Logger log_;
    std::atomic<bool> held_{false};
    std::atomic<Clock::duration> refused_at_{};
    // Of the own thread:
    std::string disk_error_;  ///< the first one of the pass
    std::string told_error_;
    Clock::time_point told_at_{};
    std::jthread thread_;
};

}  // namespace events::gateway
