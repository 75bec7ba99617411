#pragma once

#include "common/health/registry.hpp"
#include "gateway/drainer.hpp"
#include "gateway/spool.hpp"

#include <chrono>
#include <stop_token>
#include <thread>

namespace events::gateway {

/// Tells /readiness whether events can be taken: `spool` says whether that way is open, and is told
/// of only; `events` is down, and the gateway unready, exactly while neither JetStream nor the
/// spool takes any. A thread of its own, since it waits for the disk.
class AcceptanceMonitor {
  public:
    AcceptanceMonitor(Spool& spool, const Drainer& drainer, health::Registry& health,
                      std::chrono::milliseconds interval);

  private:
    void run(const std::stop_token& stop);
    void look();

    Spool& spool_;
    const Drainer& drainer_;
    health::Indicator& spool_indicator_;
    health::Indicator& events_indicator_;
    std::chrono::milliseconds interval_;
    std::jthread thread_;
};

}  // namespace events::gateway
