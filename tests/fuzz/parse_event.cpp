// One event. What is accepted is JSON and holds what the JSON says; nothing depends on the bytes
// behind the text; a rejection is fit to be shown.

#include "common/events/time.hpp"
#include "common/events/vocabulary.hpp"
#include "oracle.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>

namespace events::fuzz {
namespace {

void check_rejection(const Rejection& why) {
    require(!why.message.empty(), "a rejection says why");
    require(simdjson::validate_utf8(why.message), "a rejection's message is UTF-8");
    require(why.path.empty() || Vocabulary::of_sources().find_path(why.path),
            "a rejection's path is a field's");
    require(!why.event_id || simdjson::validate_utf8(*why.event_id), "an event's id is UTF-8");
    require(simdjson::validate_utf8(why.found), "what is quoted of an event is UTF-8");
    require(why.found.size() < 200, "what is quoted of an event is short");
}

void check_problems(const Rejection& why) {
    check_rejection(why);
    require(1 + why.more.size() <= kMaxProblemsOfEvent, "an event's problems are bounded");
    require(why.left_out == 0 || 1 + why.more.size() == kMaxProblemsOfEvent,
            "problems are left out only where there are many");
    for (const auto& problem : why.more) {
        check_rejection(problem);
        require(problem.more.empty() && problem.left_out == 0, "problems stand in one list");
    }
}

void check(std::string_view text) {
    Parser parser;
    TextArena arena;
    const Padded quotes{text, '"'};
    const Padded zeroes{text, '\0'};
    const auto event = parser.parse_event(quotes.view(), arena);
    TextArena other_arena;
    const auto other = parser.parse_event(zeroes.view(), other_arena);
    require(event.has_value() == other.has_value(), "what is behind the text does not matter");
    if (!event) {
        require(event.error().code == other.error().code, "nor does it for the reason");
        require(event.error().more.size() == other.error().more.size(), "nor for the others");
        check_problems(event.error());
        return;
    }
    const auto json = read_json(text);
    require(json.has_value(), "what is accepted is JSON");
    require(holds(*event, *json), "an event holds what its JSON says");
    require(parse_timestamp(format_timestamp(event->timestamp)) == event->timestamp ||
                event->timestamp < parse_timestamp("0001-01-01T00:00:00Z") ||
                event->timestamp > parse_timestamp("9999-12-31T23:59:59.999999Z"),
            "a timestamp is read back as it was written");
}

}  // namespace
}  // namespace events::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    events::fuzz::check(events::fuzz::text_of(data, size));
    return 0;
}
