#pragma once

#include "processes.hpp"
#include "support/nats_server.hpp"

#include <cstddef>
#include <cstdint>

namespace events::bench {

/// What a loop over a bare library did.
struct BareRun {
    std::uint64_t events = 0;
    double seconds = 0;
    CpuTimes cpu;  ///< of the server, and of this process as "client"
};

/// Publishes messages of events into a stream like ours and takes them out again, with cnats' core
/// functions alone: no ids, no headers, nothing parsed but what must be.
///
/// Throws nats::Error, and std::runtime_error when the broker refuses something.
class BareJetStream {
  public:
    /// Makes stream and consumer; `server` outlives this.
    BareJetStream(const test::NatsServer& server, std::size_t events_per_message);

    /// Each message's acknowledgement is awaited, some hundred at a time.
    [[nodiscard]] BareRun publish(std::uint64_t messages);
    /// Takes so many and acknowledges each.
    [[nodiscard]] BareRun pull(std::uint64_t messages);

  private:
    [[nodiscard]] CpuTimes cpu_times() const;

    const test::NatsServer& server_;
    std::size_t events_;
    std::string payload_;
};

}  // namespace events::bench
