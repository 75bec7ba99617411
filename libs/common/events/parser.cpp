#include "common/events/parser.hpp"

#include "common/events/body_reader.hpp"
#include "common/events/event_reader.hpp"

#include <utility>

namespace events {
namespace {

Expected<Event, Rejection> without_source(Expected<Event, Refusal>&& read) {
    if (!read) return Unexpected<Rejection>{std::move(read.error().why)};
    return *read;
}

}  // namespace

struct Parser::State {
    EventReader reader;
    TextArena scratch{TextArena::Keep::texts};  ///< of events of which only the slice is kept
};

Parser::Parser() : state_{std::make_unique<State>()} {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Expected<Event, Rejection> Parser::parse_event(std::string_view json, TextArena& arena,
                                               const TimeLimits& limits) {
    return without_source(state_->reader.read(json, arena, limits, kMaxProblemsOfEvent));
}

void Parser::begin_lines(std::string_view ndjson) noexcept {
    state_->reader.begin_lines(ndjson);
}

Expected<Event, Rejection> Parser::parse_line(std::string_view line, TextArena& arena,
                                              const TimeLimits& limits) {
    return without_source(state_->reader.read_line(line, arena, limits, 1));
}

Expected<ParsedBody, MalformedBody> Parser::parse_body(std::string_view body, BodyFormat format,
                                                       const TimeLimits& limits) {
    BodyReader reader{state_->reader, state_->scratch, body, limits};
    auto parsed = format == BodyFormat::json ? reader.json() : reader.ndjson();
    state_->scratch.clear();
    state_->reader.tokens().release_large_buffer();
    return parsed;
}

}  // namespace events
