#pragma once

#include "common/events/tokens.hpp"
#include "common/events/vocabulary.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace events {

/// Walks JSON values token by token, checks all of JSON's grammar on the way, and notes the fields
/// that an event can have, in whatever order and wherever they stand. Judges none of them.
///
/// Of a key that stands twice in an object the last one counts, as in JSON.parse and jsonb.
/// Recursive, no deeper than kMaxDepth. Lives for one text; single-threaded.
class EventWalker {
  public:
    /// Why a walk stopped.
    struct Error {
        std::size_t offset;  ///< in the text
        const char* what;
        bool too_deep;  ///< nested deeper than kMaxDepth; the rest is not looked at
    };

    /// `tokens` are loaded; both outlive the walker.
    EventWalker(const json::Tokens& tokens, FoundFields& found);

    /// Walks the value that stands next, and gives its bytes; nothing after an error. What it
    /// holds is then in `found`, which is empty where it is no object.
    [[nodiscard]] std::optional<std::string_view> event();

    /// Whether `token`, one of []{},: stands next; steps over it.
    [[nodiscard]] bool take(char token) noexcept;
    [[nodiscard]] bool at_end() const noexcept { return at_ == tokens_.count(); }

    /// The error of event(), or what to say of the token that stands next.
    [[nodiscard]] Error error(const char* expected) const noexcept;

  private:
    bool value(std::optional<Field> field, int depth);
    bool object(std::optional<Field> object, int depth);
    bool array(int depth);
    bool literal_or_number();
    /// Steps over a string and gives its content without the quotes.
    std::optional<std::string_view> string();
    bool escapes_are_valid(std::string_view content);
    [[nodiscard]] std::optional<Field> find_field(Field object, const Vocabulary::Likely& likely,
                                                  std::string_view key) const;
    bool fail(const char* what, bool too_deep = false) noexcept;

    const Vocabulary& vocabulary_ = Vocabulary::of_sources();
    const json::Tokens& tokens_;
    FoundFields& found_;
    std::size_t at_ = 0;          ///< the next token
    std::size_t next_backslash_;  ///< in the text, from the last string on
    std::optional<Error> error_;
};

}  // namespace events
