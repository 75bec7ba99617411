#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace events {

/// A short text that is put together at compile time and lasts for ever; ends with a NUL.
class Label {
  public:
    constexpr Label(std::string_view first, std::string_view second) : size_{first.size()} {
        if (first.size() + second.size() >= text_.size()) throw std::length_error{"a long name"};
        std::ranges::copy(first, text_.begin());
        std::ranges::copy(second, text_.begin() + first.size());
        size_ += second.size();
    }

    [[nodiscard]] constexpr const char* c_str() const noexcept { return text_.data(); }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), size_}; }

    /// The same in capital letters.
    [[nodiscard]] constexpr Label in_capitals() const noexcept {
        auto label = *this;
        for (auto& c : label.text_) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        return label;
    }

  private:
    std::array<char, 64> text_{};
    std::size_t size_;
};

}  // namespace events
