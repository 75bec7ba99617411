#pragma once

#include "common/events/event_reader.hpp"
#include "common/events/parser.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace events {

/// Takes one body apart. Lives for one body and is asked once; single-threaded.
class BodyReader {
  public:
    /// `reader` and `scratch` are the parser's buffers; all outlive this.
    BodyReader(EventReader& reader, TextArena& scratch, std::string_view body,
               const TimeLimits& limits);

    [[nodiscard]] Expected<ParsedBody, MalformedBody> json();
    [[nodiscard]] Expected<ParsedBody, MalformedBody> ndjson();

  private:
    /// Reads a text that is JSON from its first byte to its last in one pass. False where it is
    /// not, or holds something too deep.
    bool read_at_once(std::string_view text);
    /// The slow path: finds each element by the brackets around it and reads it by itself.
    /// Gives what is wrong with the frame around them.
    std::optional<MalformedBody> read_one_by_one(std::string_view text);
    std::optional<MalformedBody> read_lone_object(std::string_view text);

    void read_alone(std::string_view json);
    void add(std::string_view json, const Expected<Event, Refusal>& read);
    /// How many problems are told of the next event.
    [[nodiscard]] std::size_t most_listed() const noexcept;
    [[nodiscard]] Expected<ParsedBody, MalformedBody> finish();
    [[nodiscard]] MalformedBody frame_error(std::string_view text, std::size_t offset,
                                            std::string_view what) const;
    [[nodiscard]] std::size_t place_of(std::string_view part) const noexcept;

    EventReader& reader_;
    TextArena& scratch_;
    std::string_view body_;
    TimeLimits limits_;
    ParsedBody parsed_;
    std::size_t count_ = 0;   ///< elements so far
    std::size_t listed_ = 0;  ///< problems so far, of which there are words
    bool has_json_ = false;   ///< at least one element is JSON
};

}  // namespace events
