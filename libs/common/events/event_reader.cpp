#include "common/events/event_reader.hpp"

#include "common/events/array_splitter.hpp"
#include "common/events/event_walker.hpp"
#include "common/events/json_text.hpp"
#include "common/events/parser.hpp"

#include <fmt/format.h>

namespace events {
namespace {

/// Whether a text is one value and nothing else, as far as its brackets and strings tell.
bool is_one_value(std::string_view text) {
    const auto trimmed = json::trim(text);
    const auto end = json::end_of_value(trimmed, 0);
    return end && *end == trimmed.size();
}

}  // namespace

Expected<Event, Refusal> EventReader::read(std::string_view json, TextArena& arena,
                                           const TimeLimits& limits) {
    found_.clear();
    if (const char* problem = tokens_.load(json)) {
        return Unexpected<Refusal>{refuse_text(found_, RejectionCode::malformed_json,
                                               fmt::format("The event is not JSON: {}", problem))};
    }
    EventWalker walker{tokens_, found_};
    const auto slice = walker.event();
    if (slice && walker.at_end()) return read_event(found_, *slice, arena, limits);

    const auto error = walker.error("nothing may stand behind the event");
    if (error.too_deep && is_one_value(json)) {
        return Unexpected<Refusal>{
            refuse_text(found_, RejectionCode::too_deep,
                        fmt::format("The event is nested deeper than {} levels", kMaxDepth))};
    }
    return Unexpected<Refusal>{
        refuse_text(found_, RejectionCode::malformed_json,
                    fmt::format("The event is not JSON at byte {}: {}", error.offset, error.what))};
}

}  // namespace events
