#pragma once

#include "common/events/rejection.hpp"
#include "common/events/text_arena.hpp"
#include "common/events/timestamp.hpp"
#include "common/events/value.hpp"
#include "common/events/vocabulary.hpp"
#include "common/sources/source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace events {

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
    /// A text of 1 to 128 characters.
    [[nodiscard]] std::string_view event_id();
    [[nodiscard]] Timestamp time(Field field);
    /// The place of one of `choices`; 0 after a problem.
    [[nodiscard]] std::size_t one_of(Field field, std::span<const std::string_view> choices);
    /// What the description says.
    [[nodiscard]] Value value(Field field, const FieldSpec& spec) {
        if (spec.may_be_null() && is_null(field)) return {};
        switch (spec.kind) {
            case FieldKind::text:
            case FieldKind::text_or_null:
                return Value{text(field)};
            case FieldKind::choice:
                return Value{spec.choices[one_of(field, spec.choices)]};
            case FieldKind::integer:
                return Value{integer(field, spec.bounds)};
            case FieldKind::time:
                return Value{time(field)};
            case FieldKind::amount_or_null:
                return Value{amount(field)};
        }
        return {};
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
    [[nodiscard]] std::int64_t integer(Field field, const Bounds& bounds);
    /// The text of an exact amount, as parse_amount reads it.
    [[nodiscard]] std::string_view amount(Field field);
    [[nodiscard]] bool is_null(Field field) const { return found_[field] == "null"; }
    /// The value's bytes; empty, which no value is, after a problem.
    [[nodiscard]] std::string_view required(Field field);
    [[nodiscard]] std::string_view any_text(Field field);

    const FoundFields& found_;
    TextArena& arena_;
    std::optional<Rejection> problem_;
};

}  // namespace events
