#include "body_check.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "oracle.hpp"
#include "target.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace events::fuzz {
namespace {

/// The events as a collector reads them from one message.
void check_message(const std::vector<AcceptedEvent>& accepted) {
    std::string payload;
    for (const auto& event : accepted) append_line(payload, event.json);
    Parser parser;
    std::size_t lines = 0;
    for_each_line(payload, [&](std::string_view line) {
        require(lines < accepted.size(), "an event is one line");
        const Padded padded{line, '}'};
        TextArena arena;
        const auto event = parser.parse_event(padded.view(), arena);
        require(event.has_value(), "a collector accepts what the gateway accepted");
        require(event->type->source == accepted[lines].source, "an event keeps its source");
        const auto json = read_json(accepted[lines].json);
        require(json.has_value(), "what is accepted is JSON");
        require(holds(*event, *json), "an event in a message holds what the body said");
        ++lines;
    });
    require(lines == accepted.size(), "no event is lost in a message");
}

void check_order(std::string_view part, std::string_view body, const char*& end) {
    require(part.data() >= end, "parts are in order and do not overlap");
    end = part.data() + part.size();
    require(end <= body.data() + body.size(), "a part lies in its body");
    require(part.size() <= body.size(), "a part is no longer than its body");
}

}  // namespace

Timestamp latest() {
    return *parse_timestamp("2027-01-01T00:00:00Z");
}

void check_parts(const ParsedBody& parsed, std::string_view body) {
    const char* end = body.data();
    for (const auto& event : parsed.accepted) {
        check_order(event.json, body, end);
        require(event.json.starts_with('{') && event.json.ends_with('}'), "an event is an object");
    }
    end = body.data();
    std::size_t next = 0;
    std::size_t further = 0;
    for (const auto& event : parsed.rejected) {
        check_order(event.json, body, end);
        require(event.index >= next, "rejected events are in order");
        next = event.index + 1;
        require(!event.why.message.empty(), "a rejection says why");
        further += event.why.more.size();
    }
    require(further < kMaxProblemsOfBody, "a body's problems are bounded");
    require(next <= parsed.accepted.size() + parsed.rejected.size(), "an index is a place");
    check_message(parsed.accepted);
}

}  // namespace events::fuzz
