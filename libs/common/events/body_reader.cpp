#include "common/events/body_reader.hpp"

#include "common/events/array_splitter.hpp"
#include "common/events/event_walker.hpp"
#include "common/events/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace events {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view content_of(std::string_view body) noexcept {
    if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
    return json::trim(body);
}

Unexpected<MalformedBody> malformed(std::string message) {
    return Unexpected<MalformedBody>{{.message = std::move(message)}};
}

}  // namespace

BodyReader::BodyReader(EventReader& reader, TextArena& scratch, std::string_view body,
                       const TimeLimits& limits)
    : reader_{reader}, scratch_{scratch}, body_{body}, limits_{limits} {}

Expected<ParsedBody, MalformedBody> BodyReader::json() {
    const auto text = content_of(body_);
    if (text.empty()) return malformed("The body is empty");
    if (text.front() != '[' && text.front() != '{') {
        return malformed("The body must be a JSON array of events, or one event");
    }
    if (!read_at_once(text)) {
        parsed_ = {};
        count_ = 0;
        listed_ = 0;
        has_json_ = false;
        auto error = text.front() == '[' ? read_one_by_one(text) : read_lone_object(text);
        if (error) return Unexpected<MalformedBody>{std::move(*error)};
    }
    return finish();
}

Expected<ParsedBody, MalformedBody> BodyReader::ndjson() {
    auto rest = content_of(body_);
    if (rest.empty()) return malformed("The body is empty");
    reader_.begin_lines(rest);
    while (!rest.empty() && count_ <= kMaxEventsPerBody) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const auto event = json::trim(line);
        if (event.empty()) continue;
        scratch_.clear();
        add(event, reader_.read_line(event, scratch_, limits_, most_listed()));
    }
    return finish();
}

Expected<ParsedBody, MalformedBody> BodyReader::finish() {
    if (count_ > kMaxEventsPerBody) {
        return malformed(fmt::format("The body has more than {} elements", kMaxEventsPerBody));
    }
    if (count_ > 0 && !has_json_) {
        const auto& first = parsed_.rejected.front();
        return malformed(fmt::format("Nothing in the body is JSON; at byte {}: {}",
                                     place_of(first.json), first.why.message));
    }
    return std::move(parsed_);
}

bool BodyReader::read_at_once(std::string_view text) {
    auto& tokens = reader_.tokens();
    auto& found = reader_.found();
    if (tokens.load(text) != nullptr) return false;

    EventWalker walker{tokens, found};
    const bool is_array = walker.take('[');
    if (!is_array || !walker.take(']')) {
        do {
            const auto event = walker.event();
            if (!event) return false;
            scratch_.clear();
            add(*event, read_event(found, *event, scratch_, limits_, most_listed()));
            if (count_ > kMaxEventsPerBody) return true;  // finish() refuses the body
        } while (is_array && walker.take(','));
        if (is_array && !walker.take(']')) return false;
    }
    return walker.at_end();
}

std::optional<MalformedBody> BodyReader::read_one_by_one(std::string_view text) {
    json::ArraySplitter elements{text};
    while (const auto element = elements.next()) {
        read_alone(*element);
        if (count_ > kMaxEventsPerBody) return std::nullopt;
    }
    if (!elements.error()) return std::nullopt;
    return frame_error(text, elements.error()->offset, elements.error()->what);
}

std::optional<MalformedBody> BodyReader::read_lone_object(std::string_view text) {
    const auto end = json::end_of_value(text, 0);
    if (!end) return frame_error(text, end.error().offset, end.error().what);
    if (*end != text.size()) {
        return frame_error(text, *end,
                           "nothing may stand behind the event (one event a line needs "
                           "Content-Type: application/x-ndjson)");
    }
    read_alone(text);
    return std::nullopt;
}

void BodyReader::read_alone(std::string_view json) {
    scratch_.clear();
    add(json, reader_.read(json, scratch_, limits_, most_listed()));
}

void BodyReader::add(std::string_view json, const Expected<Event, Refusal>& read) {
    if (read) {
        parsed_.accepted.push_back({.source = read->type->source, .json = json});
        has_json_ = true;
    } else {
        const auto& [why, source] = read.error();
        listed_ += 1 + why.more.size();
        parsed_.rejected.push_back({.index = count_, .json = json, .why = why, .source = source});
        has_json_ = has_json_ || why.code != RejectionCode::malformed_json;
    }
    ++count_;
}

std::size_t BodyReader::most_listed() const noexcept {
    if (listed_ >= kMaxProblemsOfBody) return 1;
    return std::min(kMaxProblemsOfEvent, kMaxProblemsOfBody - listed_);
}

MalformedBody BodyReader::frame_error(std::string_view text, std::size_t offset,
                                      std::string_view what) const {
    return {.message = fmt::format("The body is not JSON at byte {}: {}",
                                   place_of(text.substr(offset)), what)};
}

std::size_t BodyReader::place_of(std::string_view part) const noexcept {
    return static_cast<std::size_t>(part.data() - body_.data());
}

}  // namespace events
