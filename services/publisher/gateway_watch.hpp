#pragma once

#include "common/health/registry.hpp"
#include "common/http/client.hpp"
#include "common/logging/logger.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

namespace events::publisher {

/// How often the gateway is asked for a sign of life.
struct WatchTiming {
    std::chrono::milliseconds while_down{250};
    std::chrono::milliseconds after_silence{5'000};  ///< while it is up
    std::chrono::milliseconds deadline{2'000};       ///< of one answer
};

/// Whether the gateway answers: from the answers to the POSTs and, while there are none, from
/// GET /liveness of the same host.
///
/// Up after any answer below 500; down when there was none, and after a 5xx to a POST: a gateway
/// that is alive but takes nothing is not up, so only the next POST's answer ends that.
///
/// A gateway that is up is asked only when nothing was sent lately: while a POST is in flight, its
/// answer will tell, and a gateway that is busy with it may be slow to say that it lives.
///
/// Thread-safe; has one thread of its own.
class GatewayWatch {
  public:
    GatewayWatch(const http::Endpoint& endpoint, health::Indicator& indicator, logging::Logger log,
                 const WatchTiming& timing = {});
    ~GatewayWatch();
    GatewayWatch(const GatewayWatch&) = delete;
    GatewayWatch& operator=(const GatewayWatch&) = delete;

    /// A POST begins; one of the two below ends it.
    void posting();
    /// It was answered.
    void answered(unsigned status);
    /// It was not answered, or not even sent.
    void unanswered(std::string_view reason);

    /// Waits for the gateway's first answer since the start; false when stopped before.
    [[nodiscard]] bool wait_for_first_answer(const std::stop_token& stop);

  private:
    using Clock = std::chrono::steady_clock;

    void look(http::Client& client);
    [[nodiscard]] bool is_due() const;
    void set_up();
    void set_down(std::string_view reason);

    health::Indicator& indicator_;
    logging::Logger log_;
    const WatchTiming timing_;

    mutable std::mutex mutex_;
    std::condition_variable_any first_answer_;
    bool answered_once_ = false;
    unsigned in_flight_ = 0;
    bool refusing_ = false;       ///< the last POST was answered with a 5xx
    bool reported_down_ = false;  ///< the log says already that it is down
    Clock::time_point last_answer_{};

    std::jthread thread_;  // last: uses all of the above
};

}  // namespace events::publisher
