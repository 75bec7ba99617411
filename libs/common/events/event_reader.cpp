#include "common/events/event_reader.hpp"

#include "common/events/array_splitter.hpp"
#include "common/events/event_walker.hpp"
#include "common/events/json_text.hpp"
#include "common/events/parser.hpp"

#include <fmt/format.h>

namespace events {
namespace {

constexpr std::size_t kLinesAtOnce = std::size_t{64} * 1024;

/// Whether a text is one value and nothing else, as far as its brackets and strings tell.
bool is_one_value(std::string_view text) {
    const auto trimmed = json::trim(text);
    const auto end = json::end_of_value(trimmed, 0);
    return end && *end == trimmed.size();
}

}  // namespace

Expected<Event, Refusal> EventReader::read(std::string_view json, TextArena& arena,
                                           const TimeLimits& limits, std::size_t most_listed) {
    begin_lines({});
    return read_loaded(tokens_.load(json), arena, limits, most_listed);
}

void EventReader::begin_lines(std::string_view ndjson) noexcept {
    lines_ = ndjson;
    window_ = ndjson.substr(0, 0);
}

Expected<Event, Refusal> EventReader::read_line(std::string_view line, TextArena& arena,
                                                const TimeLimits& limits, std::size_t most_listed) {
    if (line.data() >= window_.data() + window_.size()) load_lines_from(line);
    return read_loaded(is_loaded_ ? tokens_.select(line) : tokens_.load(line), arena, limits,
                       most_listed);
}

/// Tokenises as many whole lines as are kept in the processor's cache. Where one of them stands in
/// the way each is tokenised by itself, so that it costs only itself.
void EventReader::load_lines_from(std::string_view line) {
    lines_.remove_prefix(static_cast<std::size_t>(line.data() - lines_.data()));
    auto size = lines_.size();
    if (size > kLinesAtOnce) size = lines_.rfind('\n', kLinesAtOnce);
    if (size == std::string_view::npos) size = line.size();
    is_loaded_ = tokens_.load(lines_.substr(0, size)) == nullptr;
    window_ = lines_.substr(0, size);
    lines_.remove_prefix(size);
}

Expected<Event, Refusal> EventReader::read_loaded(const char* problem, TextArena& arena,
                                                  const TimeLimits& limits,
                                                  std::size_t most_listed) {
    found_.clear();
    if (problem != nullptr) {
        return Unexpected<Refusal>{refuse_text(found_, RejectionCode::malformed_json,
                                               fmt::format("The event is not JSON: {}", problem))};
    }
    EventWalker walker{tokens_, found_};
    const auto slice = walker.event();
    if (slice && walker.at_end()) return read_event(found_, *slice, arena, limits, most_listed);

    const auto error = walker.error("nothing may stand behind the event");
    if (error.too_deep && is_one_value(tokens_.text())) {
        return Unexpected<Refusal>{
            refuse_text(found_, RejectionCode::too_deep,
                        fmt::format("The event is nested deeper than {} levels", kMaxDepth))};
    }
    return Unexpected<Refusal>{
        refuse_text(found_, RejectionCode::malformed_json,
                    fmt::format("The event is not JSON at byte {}: {}", error.offset, error.what))};
}

}  // namespace events
