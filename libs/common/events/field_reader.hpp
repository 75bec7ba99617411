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
/// A `form` is what the field must hold, for the sender: see form.hpp.
/// Errors  every problem is noted, the first ones with words, and reading goes on: the read gives
///         nothing then, or an empty value. Fields of an object that is not there are not missed:
///         the object is.
/// Lives for one event; single-threaded. Texts that had escapes go into the arena.
class FieldReader {
  public:
    /// Of up to `most_listed` problems (1 at least) the words are kept; others are counted.
    FieldReader(const FoundFields& found, TextArena& arena, std::size_t most_listed = 1)
        : found_{found}, arena_{arena}, most_listed_{most_listed} {}

    /// Checks that an object stands there.
    void object(Field field);
    /// A text of at most 1,024 bytes; its data() is null after a problem.
    [[nodiscard]] std::string_view text(Field field, const std::string& form);
    /// A text of 1 to 128 characters.
    [[nodiscard]] std::string_view event_id(const std::string& form);
    [[nodiscard]] std::optional<Timestamp> time(Field field, const std::string& form);
    /// The place of one of `choices`.
    [[nodiscard]] std::optional<std::size_t> one_of(Field field,
                                                    std::span<const std::string_view> choices,
                                                    const std::string& form);
    /// What the description says.
    [[nodiscard]] Value value(Field field, const FieldSpec& spec, const std::string& form) {
        if (spec.may_be_null() && is_null(field)) return {};
        switch (spec.kind) {
            case FieldKind::text:
            case FieldKind::text_or_null:
                return Value{text(field, form)};
            case FieldKind::choice: {
                const auto place = one_of(field, spec.choices, form);
                return place ? Value{spec.choices[*place]} : Value{};
            }
            case FieldKind::integer:
                return Value{integer(field, spec.bounds, form)};
            case FieldKind::time:
                return Value{time(field, form).value_or(Timestamp{})};
            case FieldKind::amount_or_null:
                return Value{amount(field, form)};
        }
        return {};
    }

    /// The event's id as far as there is one, for whoever has to find the event: nothing where it
    /// is no readable string, only its first 128 characters where it is longer.
    [[nodiscard]] std::optional<std::string> readable_event_id() const;
    /// The event's source, where it is one.
    [[nodiscard]] std::optional<Source> readable_source() const;

    /// What to say of a problem. `what` continues the field's path.
    struct Words {
        std::string what;
        std::string found;  ///< as Rejection::found
    };
    /// Notes a problem. `say` gives its Words, and is called only where they are kept.
    template <typename Say>
    void refuse(Field field, RejectionCode code, const Say& say) {
        if (listed_ < most_listed_) {
            list(field, code, say());
        } else {
            ++problem_->left_out;
        }
    }
    /// The field holds something else than its form.
    [[gnu::cold]] void refuse_value(Field field, RejectionCode code, const std::string& form);

    [[nodiscard]] bool failed() const noexcept { return problem_.has_value(); }
    [[nodiscard]] std::optional<Rejection> take_problem() noexcept { return std::move(problem_); }
    /// What stands in a field, cut to some characters, e.g. `it is "Male"`.
    [[nodiscard]] std::string found(Field field) const;

  private:
    [[nodiscard]] std::int64_t integer(Field field, const Bounds& bounds, const std::string& form);
    /// The text of an exact amount, as parse_amount reads it.
    [[nodiscard]] std::string_view amount(Field field, const std::string& form);
    [[nodiscard]] bool is_null(Field field) const { return found_[field] == "null"; }
    [[nodiscard]] std::string_view any_text(Field field, const std::string& form);
    [[nodiscard]] std::string_view unescaped(Field field, std::string_view content);

    // Cold, so that what valid events pass through stays short.
    /// The field is missing, null, or of another type than its form.
    [[gnu::cold]] void refuse_kind(Field field, const std::string& form);
    [[gnu::cold]] void refuse_length(Field field, const std::string& form, std::size_t bytes);
    [[gnu::cold]] void list(Field field, RejectionCode code, Words words);

    const FoundFields& found_;
    TextArena& arena_;
    std::size_t most_listed_;
    std::size_t listed_ = 0;
    std::optional<Rejection> problem_;
};

}  // namespace events
