#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"
#include "common/events/text_arena.hpp"
#include "common/events/time_limits.hpp"
#include "common/expected.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace events {

/// Bytes that must be readable behind a text that is given to a parser (simdjson reads ahead).
inline constexpr std::size_t kPadding = 64;
/// Deepest nesting of an event; the deepest field that is used stands at 4.
inline constexpr int kMaxDepth = 16;
/// Largest single event, so that any event fits a message of 256 KiB.
inline constexpr std::size_t kMaxEventBytes = std::size_t{256} * 1024;

/// Most elements of one body: some more than valid events fit the gateway's default limit of
/// 50 MiB. Without it, a body of nothing but "[1,1,1" would cost a hundred times its own size.
inline constexpr std::size_t kMaxEventsPerBody = 250'000;

/// How many problems are told of one event, and of a whole body; the others are counted.
inline constexpr std::size_t kMaxProblemsOfEvent = 20;
inline constexpr std::size_t kMaxProblemsOfBody = 100;

/// An event of a body, without its parsed fields: what the gateway routes.
struct AcceptedEvent {
    Source source;
    std::string_view json;  ///< its bytes in the body, from '{' to '}', as received
};

struct RejectedEvent {
    std::size_t index;      ///< its place in the body, from 0
    std::string_view json;  ///< its bytes in the body, as received
    Rejection why;
    std::optional<Source> source;  ///< where it could be read
};

struct ParsedBody {
    std::vector<AcceptedEvent> accepted;
    std::vector<RejectedEvent> rejected;  ///< in the order of their index
};

enum class BodyFormat : std::uint8_t { json, ndjson };

/// A body that holds no events at all: it is not JSON, or neither an object nor an array; or one
/// of more than kMaxEventsPerBody elements.
struct MalformedBody {
    std::string message;  ///< what is wrong and where, for the sender
};

/// Reads and validates events, by the contract's section 2.
///
/// Pure: no clock, no log, no IO. One per thread; a parser keeps its buffers between calls.
class Parser {
  public:
    Parser();
    ~Parser();
    Parser(Parser&&) noexcept;
    Parser& operator=(Parser&&) noexcept;

    /// Reads one event's JSON. kPadding bytes behind `json` must be readable.
    /// Without limits any timestamp will do (redelivery).
    [[nodiscard]] Expected<Event, Rejection> parse_event(std::string_view json, TextArena& arena,
                                                         const TimeLimits& limits = {});

    /// The lines of `ndjson` follow, each by parse_line(), until another text is parsed.
    void begin_lines(std::string_view ndjson) noexcept;

    /// What parse_event() gives of a line, but the first problem only, at a lower price: lines of
    /// the text of begin_lines(), in their order and without the line break, are tokenised many at
    /// once.
    [[nodiscard]] Expected<Event, Rejection> parse_line(std::string_view line, TextArena& arena,
                                                        const TimeLimits& limits = {});

    /// Reads a body: an array of events, one event, or NDJSON, walked once. kPadding bytes behind
    /// `body` must be readable; the result views `body`.
    ///
    /// An event that is invalid costs only itself, even where it breaks the JSON or the UTF-8 of
    /// the whole array, as long as the array's own brackets, strings and commas hold. A body of
    /// which no part is JSON is malformed.
    [[nodiscard]] Expected<ParsedBody, MalformedBody> parse_body(std::string_view body,
                                                                 BodyFormat format,
                                                                 const TimeLimits& limits);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace events
