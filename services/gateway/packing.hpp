#pragma once

#include "common/events/parser.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace events::gateway {

/// One JetStream message to be: NDJSON of events of one source, in the order of the request.
struct PackedMessage {
    Source source;
    std::string_view payload;  ///< valid during the call only
    std::size_t events;
};

/// Packs a request's events into messages and hands each on as soon as it is full, so that there
/// is never more than one payload in memory. A message holds at most `events_per_message` events
/// and `max_bytes`; a single event is a message of its own, whatever it has.
void pack(std::span<const AcceptedEvent> accepted, std::size_t events_per_message,
          std::size_t max_bytes, const std::function<void(const PackedMessage&)>& send);

}  // namespace events::gateway
