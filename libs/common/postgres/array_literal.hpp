#pragma once

#include "common/events/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace events::postgres {

/// Builds the text of a one-dimensional PostgreSQL array, e.g. {"a","b \"c\"",NULL,7}: one column
/// of a batch, for `unnest($1::text[])`.
///
/// Whatever a text holds, it stays one element; only a NUL makes the array malformed, which the
/// server refuses (22P02). Keeps its memory over clear(). Single-threaded.
class ArrayLiteral {
  public:
    void add(std::string_view text);
    void add(std::int64_t number);
    /// As PostgreSQL reads it, exact: it has a year 1 BC where RFC 3339 has a year 0000.
    void add(Timestamp time);
    void add_null();

    template <typename T>
    void add(const std::optional<T>& value) {
        if (value) {
            add(*value);
        } else {
            add_null();
        }
    }

    void clear() { text_.clear(); }
    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

  private:
    void begin_element();

    std::string text_;  ///< without the closing brace
};

}  // namespace events::postgres
