#pragma once

#include "gateway/spool.hpp"

#include <chrono>
#include <stop_token>
#include <thread>

namespace events::gateway {

/// Lets the spool adopt what ended gateways left, at once and then again and again: after scaling
/// down nothing waits for a gateway that never comes back. A thread of its own, so that it does not
/// wait for JetStream.
class SpoolAdopter {
  public:
    SpoolAdopter(Spool& spool, std::chrono::milliseconds interval, logging::Logger log);

  private:
    void run(const std::stop_token& stop);

    Spool& spool_;
    std::chrono::milliseconds interval_;
    logging::Logger log_;
    std::jthread thread_;
};

}  // namespace events::gateway
