#pragma once

#include "common/events/rules.hpp"
#include "common/events/tokens.hpp"
#include "common/events/vocabulary.hpp"

#include <optional>
#include <string_view>

namespace events {

/// Reads a text that should be one event and nothing else. One per thread; keeps its buffers.
class EventReader {
  public:
    [[nodiscard]] Expected<Event, Refusal> read(std::string_view json, TextArena& arena,
                                                const TimeLimits& limits);

    /// The buffers, for a text of many events that is walked at once.
    [[nodiscard]] json::Tokens& tokens() noexcept { return tokens_; }
    [[nodiscard]] FoundFields& found() noexcept { return found_; }

  private:
    json::Tokens tokens_;
    FoundFields found_;
};

}  // namespace events
