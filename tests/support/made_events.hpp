#pragma once

#include "common/events/event.hpp"

#include <string_view>
#include <vector>

namespace events::test {

/// A field's path below data, and its value; texts must outlive the event.
struct Given {
    std::string_view path;
    Value value;
};

/// What an event has in the field of that path below data, e.g. "user.age".
[[nodiscard]] const Value& value_of(const Event& event, std::string_view path);

/// An event made without JSON; fields that are not given are null. Its values live until the
/// program ends; thread-safe.
[[nodiscard]] Event make_event(std::string_view id, Timestamp time, const EventType& type,
                               std::string_view user_id, const std::vector<Given>& values);

/// Gives an event another value; copies of it keep the old one.
void set_value(Event& event, std::string_view path, const Value& value);

}  // namespace events::test
