#pragma once

#include "common/events/timestamp.hpp"

#include <cstdint>
#include <string_view>

namespace events {

/// What an event has in a field of its source, or null. The field's kind says what it holds:
/// integers an integer(), times a time(), all others a text(), of amounts a checked one.
class Value {
  public:
    constexpr Value() noexcept = default;  ///< null
    explicit constexpr Value(std::string_view text) noexcept
        : text_{text.data() == nullptr ? "" : text.data()},
          number_{static_cast<std::int64_t>(text.size())} {}
    explicit constexpr Value(std::int64_t number) noexcept : text_{""}, number_{number} {}
    explicit constexpr Value(Timestamp time) noexcept : Value{time.time_since_epoch().count()} {}

    [[nodiscard]] constexpr bool is_null() const noexcept { return text_ == nullptr; }
    [[nodiscard]] constexpr std::string_view text() const noexcept {
        return {text_, static_cast<std::size_t>(number_)};
    }
    [[nodiscard]] constexpr std::int64_t integer() const noexcept { return number_; }
    [[nodiscard]] constexpr Timestamp time() const noexcept {
        return Timestamp{std::chrono::microseconds{number_}};
    }

  private:
    const char* text_ = nullptr;
    std::int64_t number_ = 0;  ///< of a text its size
};

}  // namespace events
