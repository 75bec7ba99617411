#pragma once

#include "common/sources/field.hpp"
#include "common/sources/label.hpp"
#include "common/sources/type_spec.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace events {

/// All that the suite knows of a source. docs/add-a-source.md walks through it.
///
/// The fields that every event has are not in it: eventId, timestamp, source, funnelStage,
/// eventType, and data with user, user.userId and engagement.
struct SourceSpec {
    std::string_view name;       ///< in events, names and reports: lower-case letters and digits
    std::string_view title;      ///< for people
    std::uint8_t number;         ///< in segments: below kMaxSources, and never used again
    std::string_view id_prefix;  ///< of the ids of events that the publisher makes up
    std::string_view collector;  ///< the daemon that stores its events
    std::span<const TypeSpec> types;
    std::span<const FieldSpec> fields;  ///< the user's first; an event is checked in their order

    // Names by rule.
    Label stream = Label{"EVENTS_", name}.in_capitals();
    Label subject{"events.", name};
    Label dead_letter_subject{"dead.", name};
    Label durable{collector, ""};  ///< the collector's consumer of the stream
    Label table{name, "_events"};
};

inline constexpr std::size_t kMaxSources = 16;

}  // namespace events
