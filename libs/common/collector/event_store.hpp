#pragma once

#include "common/events/event.hpp"
#include "common/http/trace_context.hpp"
#include "common/logging/request_ids.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace events::collector {

/// What the gateway knew of an event when it took it.
struct Envelope {
    std::string correlation_id;
    Timestamp received_at;
    http::TraceContext trace = {};  ///< the collector's span for the message

    /// For log lines; valid as long as this.
    [[nodiscard]] logging::RequestIds ids() const noexcept {
        return {correlation_id, trace.trace_id(), trace.span_id()};
    }
};

/// An event to be stored. Event's views and the envelope outlive the call.
struct StorableEvent {
    Event event;
    const Envelope* envelope = nullptr;
};

/// Where a collector puts its events. One thread at a time.
class EventStore {
  public:
    virtual ~EventStore() = default;

    /// Stores the events in one transaction, in any order, and returns how many were new: an event
    /// (same id and timestamp) that is there already, or that stands twice in `events`, counts
    /// once. A batch of very many different days may take several transactions.
    ///
    /// Failure: postgres::ContentRefused (try the halves): a value does not fit into our column of
    /// it. postgres::Refused (try other days, and again later): a constraint, a trigger, a right or
    /// anything else of somebody's stands in the way. postgres::Unavailable (try again). No text of
    /// theirs holds a value of an event.
    /// Nothing is stored then, or, of a batch of several transactions, a part: repeating counts
    /// that part as not new.
    virtual std::size_t store(std::span<const StorableEvent> events) = 0;

    /// How many events of the latest store() belong to persons who were erased after the event was
    /// accepted: they were left out, and are not among the new ones.
    [[nodiscard]] virtual std::size_t erased() const noexcept { return 0; }

    /// One round trip to the database; throws postgres::Unavailable.
    virtual void ping() = 0;
};

}  // namespace events::collector
