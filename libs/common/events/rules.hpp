#pragma once

#include "common/events/event.hpp"
#include "common/events/rejection.hpp"
#include "common/events/text_arena.hpp"
#include "common/events/time_limits.hpp"
#include "common/events/vocabulary.hpp"
#include "common/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace events {

/// An event that is invalid, and the source it claims where that could be read.
struct Refusal {
    Rejection why;
    std::optional<Source> source;
};

/// Judges an event by the contract's section 2, field by field in the contract's order: the first
/// rule that is broken is the reason, and the further ones come with it, `most_listed` in all.
/// What can't be judged (fields of an object that is not there, or of an unknown source) is no
/// problem of its own.
///
/// `json` is the event's whole text, which is JSON, and `found` is what it holds. The event's texts
/// view what `found` views, or the arena, which has its values. Pure.
[[nodiscard]] Expected<Event, Refusal> read_event(const FoundFields& found, std::string_view json,
                                                  TextArena& arena, const TimeLimits& limits,
                                                  std::size_t most_listed);

/// The refusal of a text that could not be read as an event; names what could be read of it.
[[nodiscard]] Refusal refuse_text(const FoundFields& found, RejectionCode code,
                                  std::string message);

}  // namespace events
