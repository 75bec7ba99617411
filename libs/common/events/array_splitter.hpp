#pragma once

#include "common/expected.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace events::json {

/// Where the frame of a text doesn't hold, and why.
struct FrameError {
    std::size_t offset;
    const char* what;
};

/// Where the value that begins at `begin` ends (one behind its last byte), told only by its
/// brackets and strings: what stands between them need not be JSON, nor UTF-8. Iterative, so any
/// depth will do. `begin` is no white space.
[[nodiscard]] Expected<std::size_t, FrameError> end_of_value(std::string_view text,
                                                             std::size_t begin);

/// Cuts an array into its elements by its brackets, strings and commas alone, so that an element
/// that is not JSON costs only itself. Single-threaded; views the text.
class ArraySplitter {
  public:
    /// `text` begins with '['.
    explicit ArraySplitter(std::string_view text) noexcept : text_{text} {}

    /// The next element; nothing behind the last one and where the frame doesn't hold.
    [[nodiscard]] std::optional<std::string_view> next();

    /// Set after next() gave nothing, if the frame doesn't hold.
    [[nodiscard]] const std::optional<FrameError>& error() const noexcept { return error_; }

  private:
    [[nodiscard]] bool take(char c) noexcept;
    void skip_space() noexcept;
    std::nullopt_t finish() noexcept;
    std::nullopt_t fail(const char* what) noexcept;

    std::string_view text_;
    std::size_t at_ = 1;
    bool first_ = true;
    bool done_ = false;
    std::optional<FrameError> error_;
};

}  // namespace events::json
