#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace events::config {

/// A text that must not reach a log: it prints as "***". `reveal()` marks the places that use it.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_{std::move(text)} {}

    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

  private:
    std::string text_;
};

}  // namespace events::config
