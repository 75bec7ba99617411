#pragma once

#include <string>
#include <string_view>

namespace events {

/// A message's payload is NDJSON: one or more events, a '\n' between two of them, none at the end.
/// A message with one event is exactly that event.

/// Appends one event's JSON as a line. Raw line breaks inside it, which in JSON can stand only
/// between two tokens, are removed. `json` must be JSON and must not view `payload`.
void append_line(std::string& payload, std::string_view json);

/// Calls `use(std::string_view line)` for each line that isn't empty, in order.
template <typename Use>
void for_each_line(std::string_view payload, Use&& use) {
    while (!payload.empty()) {
        const auto line = payload.substr(0, payload.find('\n'));
        if (!line.empty()) use(line);
        payload.remove_prefix(line.size() < payload.size() ? line.size() + 1 : line.size());
    }
}

}  // namespace events
