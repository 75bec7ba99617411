#pragma once

#include "common/events/parser.hpp"
#include "common/nats/publisher.hpp"
#include "dlq/letter.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace events::dlq {

enum class Verdict : std::uint8_t {
    replayable,
    still_invalid,  ///< by today's rules: it stays
    cut,            ///< its end is missing: it stays, for a correction by hand
};

struct PlannedEvent {
    Source source;
    std::string json;  ///< one line
};

/// An invalid event of a body whose other events are valid: it becomes a letter of its own.
struct Leftover {
    std::size_t index;  ///< its place in the body
    std::string raw;
    Rejection why;
};

/// What a replay does with a letter.
struct Plan {
    Verdict verdict = Verdict::still_invalid;
    std::vector<PlannedEvent> events;
    std::vector<Leftover> leftovers;
    Rejection why{};  ///< where it is still invalid
};

/// Judges letters by the rules of the gateway. Pure; one per thread: it keeps a parser's buffers.
///
/// A whole body (`malformed_body`) is taken apart as the gateway does: its valid events are
/// replayed, each of the others becomes a letter of its own. It is read as JSON, and as NDJSON
/// where each of its lines is an object: a sender that forgot the content type. With no valid event
/// in it it stays whole.
class Planner {
  public:
    /// `limits`: as the gateway judges timestamps.
    [[nodiscard]] Plan plan(const Letter& letter, const TimeLimits& limits);

  private:
    [[nodiscard]] Plan plan_event(const Letter& letter, const TimeLimits& limits);
    [[nodiscard]] Plan plan_body(const Letter& letter, const TimeLimits& limits);

    Parser parser_;
};

/// One message of a replay.
struct Message {
    const char* subject;
    std::vector<nats::HeaderField> headers;
    std::string payload;
};

/// A plan's messages: the events as the gateway sends them, one a message, then the leftovers.
///
/// Their ids are those of this very letter: a replay that was killed and is run again publishes
/// nothing twice within JetStream's window, whereas the same event in another letter, which a
/// collector gave up minutes after the first replay, is not taken for the one that is gone.
[[nodiscard]] std::vector<Message> messages_of(const Letter& letter, const Plan& plan);

}  // namespace events::dlq
