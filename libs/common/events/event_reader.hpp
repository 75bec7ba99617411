#pragma once

#include "common/events/rules.hpp"
#include "common/events/tokens.hpp"
#include "common/events/vocabulary.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace events {

/// Reads texts that should each be one event and nothing else; of an event's problems `most_listed`
/// are told. One per thread; keeps its buffers.
class EventReader {
  public:
    [[nodiscard]] Expected<Event, Refusal> read(std::string_view json, TextArena& arena,
                                                const TimeLimits& limits, std::size_t most_listed);

    /// The lines of `ndjson` follow, each by read_line().
    void begin_lines(std::string_view ndjson) noexcept;

    /// As read() reads the line, but the tokens of many lines are found at once. Lines come in
    /// their order, from the text of begin_lines(), without the line break.
    [[nodiscard]] Expected<Event, Refusal> read_line(std::string_view line, TextArena& arena,
                                                     const TimeLimits& limits,
                                                     std::size_t most_listed);

    /// The buffers, for a text of many events that is walked at once.
    [[nodiscard]] json::Tokens& tokens() noexcept { return tokens_; }
    [[nodiscard]] FoundFields& found() noexcept { return found_; }

  private:
    [[nodiscard]] Expected<Event, Refusal> read_loaded(const char* problem, TextArena& arena,
                                                       const TimeLimits& limits,
                                                       std::size_t most_listed);
    void load_lines_from(std::string_view line);

    json::Tokens tokens_;
    FoundFields found_;
    std::string_view lines_;   ///< those behind window_
    std::string_view window_;  ///< lines that are tokenised together, if they can be
    bool is_loaded_ = false;   ///< they are
};

}  // namespace events
