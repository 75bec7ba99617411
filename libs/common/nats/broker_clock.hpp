#pragma once

#include "common/clock/comparison.hpp"
#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace events::nats {

/// The broker's clock: from the answer about `stream`, where the server puts its time there (2.10
/// and later), else by a consumer that the server makes and drops unused a few seconds later.
/// Nothing where the answer has no time. Failure: Error.
[[nodiscard]] std::optional<clock::Reading> read_broker_clock(const Connection& connection,
                                                              const std::string& stream);

/// Compares the broker's clock with this machine's at each new connection, and once a minute, on a
/// thread of its own. The connection and the comparison must outlive it.
class BrokerClock {
  public:
    /// `stream`: one that may have any consumers (limits retention).
    BrokerClock(Connection& connection, std::string stream, clock::Comparison& comparison,
                logging::Logger log);

    /// Compares them now. False when the broker does not tell its time. Thread-safe.
    bool compare();

  private:
    void run(const std::stop_token& stop);

    Connection& connection_;
    const std::string stream_;
    clock::Comparison& comparison_;
    logging::Logger log_;
    std::jthread thread_;
};

}  // namespace events::nats
