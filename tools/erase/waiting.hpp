#pragma once

#include "common/events/event.hpp"
#include "common/events/parser.hpp"
#include "common/nats/connection.hpp"
#include "erase/mentions.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace events::erase {

/// An event that waits in a stream.
struct WaitingEvent {
    std::uint64_t sequence = 0;  ///< of its message
    std::string received_at;  ///< as its header says; when it was stored, where that says nothing
    std::string_view json;
};

/// Looks through what waits in a source's stream, without taking anything from it: a work queue has
/// no second consumer, so each message is asked for alone, and what comes meanwhile is left out.
/// One thread. Failure: nats::Error.
class Waiting {
  public:
    Waiting(nats::Connection& connection, const Mentions& mentions,
            const std::atomic<bool>& interrupted)
        : connection_{connection}, mentions_{mentions}, interrupted_{interrupted} {}

    using Use = std::function<void(const WaitingEvent&, const std::set<std::size_t>& persons)>;

    /// Calls `use` for each event of the persons; false when it was interrupted.
    bool find(Source source, const Use& use);

  private:
    [[nodiscard]] std::set<std::size_t> persons_of(std::string_view line);

    nats::Connection& connection_;
    const Mentions& mentions_;
    const std::atomic<bool>& interrupted_;
    Parser parser_;
};

}  // namespace events::erase
