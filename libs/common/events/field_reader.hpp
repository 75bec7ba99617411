#pragma once

#include "common/events/event.hpp"
#include "common/events/fields.hpp"
#include "common/events/parser.hpp"
#include "common/events/rejection.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace events {

/// Inclusive bounds of an integer field.
struct Bounds {
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// Reads typed values from the fields that an event holds.
///
/// Errors  the first problem is kept in problem(); from then on every read gives an empty value
///         and finds nothing more, so that a caller needs to look only at the end.
/// Lives for one event; single-threaded. Texts that had escapes go into the arena.
class FieldReader {
  public:
    FieldReader(const FoundFields& found, TextArena& arena) : found_{found}, arena_{arena} {}

    /// Checks that an object stands there.
    void object(Field field);
    /// A text of at most 1,024 bytes.
    [[nodiscard]] std::string_view text(Field field);
    [[nodiscard]] std::optional<std::string_view> text_or_null(Field field);
    /// A text of 1 to 128 characters.
    [[nodiscard]] std::string_view event_id();
    [[nodiscard]] std::int64_t integer(Field field, Bounds bounds);
    [[nodiscard]] Timestamp time(Field field);
    /// The text of an exact amount, as parse_amount reads it.
    [[nodiscard]] std::optional<std::string_view> amount_or_null(Field field);
    /// One of `choices`; a view of the choice itself.
    [[nodiscard]] std::string_view one_of(Field field, std::span<const std::string_view> choices);

    /// One of an enum's names.
    template <typename E, std::size_t N>
    [[nodiscard]] E name_of(Field field, const Names<E, N>& names) {
        std::array<std::string_view, N> choices;
        for (std::size_t i = 0; i < N; ++i) choices[i] = names[i].first;
        return from_name(names, one_of(field, choices)).value_or(names.front().second);
    }

    /// The event's id as far as there is one, for whoever has to find the event: nothing where it
    /// is no readable string, only its first 128 characters where it is longer.
    [[nodiscard]] std::optional<std::string> readable_event_id() const;
    /// The event's source, where it is one.
    [[nodiscard]] std::optional<Source> readable_source() const;

    /// Keeps a problem, unless there is one already. `what` continues the field's path.
    void refuse(Field field, RejectionCode code, std::string_view what);
    [[nodiscard]] bool failed() const noexcept { return problem_.has_value(); }
    [[nodiscard]] std::optional<Rejection> take_problem() noexcept { return std::move(problem_); }

  private:
    [[nodiscard]] bool is_null(Field field) const { return found_[field] == "null"; }
    /// The value's bytes; empty, which no value is, after a problem.
    [[nodiscard]] std::string_view required(Field field);
    [[nodiscard]] std::string_view any_text(Field field);

    const FoundFields& found_;
    TextArena& arena_;
    std::optional<Rejection> problem_;
};

}  // namespace events
