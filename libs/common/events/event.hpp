#pragma once

#include "common/events/timestamp.hpp"
#include "common/events/value.hpp"
#include "common/sources/source.hpp"

#include <span>
#include <string_view>

namespace events {

/// An event type and the source that has it.
struct EventType {
    Source source;
    FunnelStage stage;
    std::string_view name;
    bool has_revenue;  ///< its purchase amount, where not null, counts as revenue
};

/// All types of sources(), source by source; for ever at the same place.
[[nodiscard]] std::span<const EventType> event_types();
/// Those of one source, a part of event_types().
[[nodiscard]] std::span<const EventType> event_types(Source source);

/// The source's event type of that name; null when the source has none.
[[nodiscard]] const EventType* find_event_type(Source source, std::string_view name);

/// A valid event. Its texts are views into the JSON it was parsed from, or into the parser's
/// TextArena where the JSON had escapes; its values are in the arena. Both must outlive it.
struct Event {
    std::string_view event_id;
    Timestamp timestamp;
    const EventType* type;  ///< source, funnel stage and name; never null
    std::string_view user_id;
    /// As the source's fields(); null in those that only the other stage has.
    std::span<const Value> values;
};

}  // namespace events
