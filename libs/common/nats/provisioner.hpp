#pragma once

#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace events::nats {

/// Makes sure, in the background, that the broker has what a daemon needs: at each new connection,
/// whenever request() says that something is missing, and every two seconds, since anybody may
/// change it. What `provision` throws is logged, once, and tried again, with backoff.
/// Thread-safe. The connection must outlive it.
class Provisioner {
  public:
    Provisioner(Connection& connection, std::function<void()> provision, logging::Logger log);
    ~Provisioner();
    Provisioner(const Provisioner&) = delete;
    Provisioner& operator=(const Provisioner&) = delete;

    void request();
    /// Whether it succeeded at least once.
    [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }

  private:
    void run(const std::stop_token& stop);
    bool try_once();

    Connection& connection_;
    std::function<void()> provision_;
    logging::Logger log_;
    std::string complaint_;  ///< what was logged last; the thread's own
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool requested_ = true;
    std::atomic<bool> done_{false};
    std::jthread thread_;
};

}  // namespace events::nats
