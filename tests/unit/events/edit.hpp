#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace events::test {

/// A copy of a text that ends where its memory ends, so that AddressSanitizer sees a parser that
/// reads behind it.
class Exact {
  public:
    explicit Exact(std::string_view text) : bytes_(text.begin(), text.end()) {}
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

  private:
    std::vector<char> bytes_;
};

/// The JSON of an object with the value at a dotted path replaced by (or added as) raw JSON text.
[[nodiscard]] std::string with(std::string_view json, std::string_view path, std::string_view raw);
/// The same without the field at that path.
[[nodiscard]] std::string without(std::string_view json, std::string_view path);

/// `text` with each `from` replaced.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);

/// `count` times `text`.
[[nodiscard]] std::string repeated(std::string_view text, std::size_t count);

}  // namespace events::test
