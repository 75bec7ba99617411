#pragma once

#include "common/events/parser.hpp"
#include "common/nats/publisher.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace events::gateway {

/// What one message of a request holds: events of a source, or one dead letter.
struct Cargo {
    std::size_t events = 0;
    std::optional<Source> source{};  ///< of events
    const RejectedEvent* dead_letter = nullptr;
};

/// One message of a request; its parts are valid during the call that hands it on.
struct Message {
    const char* subject;
    std::span<const nats::HeaderField> headers;
    std::string_view payload;
    Cargo cargo;
};

/// The messages that a request's events make. They are made anew each time, and are always the
/// same ones in the same order, so that what JetStream did not take needs no copy until then.
/// Refers to what it is made from.
struct Shipment {
    const ParsedBody& body;
    const std::string& correlation_id;
    const std::string& traceparent;  ///< empty: the sender does not trace
    std::chrono::system_clock::time_point received;
    std::size_t events_per_message = 0;
    bool compress = false;  ///< messages of events, where that makes them smaller
    /// Bytes that the broker takes of a message, its headers included.
    std::size_t max_payload = std::numeric_limits<std::size_t>::max();

    /// What a message of events may have before it is compressed, without its headers.
    [[nodiscard]] std::size_t room_for_events() const;
    void for_each(const std::function<void(const Message&)>& take) const;
};

}  // namespace events::gateway
