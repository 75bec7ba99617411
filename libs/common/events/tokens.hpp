#pragma once

#include "common/events/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace events::json {

/// The places in a text where a JSON token begins: brackets, colons, commas, and the first byte of
/// each string, number and literal. Found by simdjson's first stage, which also proves the UTF-8,
/// that every string is closed and that none holds a raw control character. Everything else is
/// the reader's to check.
///
/// The first stage alone, and not simdjson's on-demand interface, because an event must be looked
/// at completely (on-demand doesn't check what it skips), in any order of fields, with its exact
/// slice of the body and in one pass; with the places at hand that is a plain loop.
///
/// One per thread; keeps its buffer between texts. Reads no byte behind the text.
class Tokens {
  public:
    Tokens();
    ~Tokens();
    Tokens(Tokens&&) noexcept;
    Tokens& operator=(Tokens&&) noexcept;

    /// Finds the tokens of a text. Gives nullptr, or what is wrong with the text as a whole.
    /// Throws std::bad_alloc when there is no memory for them.
    [[nodiscard]] const char* load(std::string_view text);

    /// From here on a line of the loaded text is the text, as if it alone had been loaded: no token
    /// crosses a line break, since no string may hold one. The text must have been loaded without
    /// an error, and lines are selected in their order.
    [[nodiscard]] const char* select(std::string_view line) noexcept;

    /// Gives a large buffer back, so that one huge body doesn't stay in memory.
    void release_large_buffer() noexcept;

    [[nodiscard]] std::string_view text() const noexcept {
        return {loaded_ + begin_, end_ - begin_};
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Where token `index` begins. index < count().
    [[nodiscard]] std::size_t place(std::size_t index) const noexcept {
        return places_[index] - begin_;
    }

    /// The first byte of a token; NUL, which no token begins with, behind the last.
    [[nodiscard]] char front(std::size_t index) const noexcept {
        return index < count_ ? loaded_[places_[index]] : '\0';
    }

    /// The bytes of a token without the white space behind it. index < count().
    [[nodiscard]] std::string_view token(std::size_t index) const noexcept {
        const std::size_t begin = places_[index];
        std::size_t end = index + 1 < count_ ? places_[index + 1] : end_;
        while (end > begin + 1 && is_space(loaded_[end - 1])) --end;
        return {loaded_ + begin, end - begin};
    }

  private:
    struct Indexer;

    std::unique_ptr<Indexer> indexer_;
    const char* loaded_ = nullptr;
    std::size_t begin_ = 0;  ///< the text in what is loaded
    std::size_t end_ = 0;
    const std::uint32_t* places_ = nullptr;  ///< of the text's tokens, in what is loaded
    std::size_t count_ = 0;
    const std::uint32_t* next_ = nullptr;  ///< the tokens behind it
    const std::uint32_t* last_ = nullptr;  ///< behind the last one
};

}  // namespace events::json
