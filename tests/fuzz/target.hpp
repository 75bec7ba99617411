#pragma once

#include "common/events/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

/// libFuzzer's entry: one call an input. Each target defines it; replay.cpp calls it otherwise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace events::fuzz {

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program, as libFuzzer wants a finding to, when a promise of the product is broken.
void require(bool kept, std::string_view promise) noexcept;

/// A text with exactly kPadding readable bytes behind it, on the heap: AddressSanitizer sees who
/// reads further.
class Padded {
  public:
    Padded(std::string_view text, char padding);

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

}  // namespace events::fuzz
