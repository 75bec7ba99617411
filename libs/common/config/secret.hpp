#pragma once

#include "common/expected.hpp"

#include <ostream>
#include <string>
#include <utility>

namespace events::config {

/// A text that must not reach a log: it prints as "***". `reveal()` marks the places that use it.
/// A value, so one per thread.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_{std::move(text)} {}

    /// The content of a file without the blanks and line breaks around it; else what the file
    /// should have been.
    [[nodiscard]] static Expected<Secret, std::string> of_file(std::string path);

    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

    /// Whether it stands in a file, whose content may become another one.
    [[nodiscard]] bool can_change() const noexcept { return !file_.empty(); }

    /// The secret as it is now: that of a file is read again, so that it can be replaced under a
    /// running daemon. While the file can't be read or is empty: as it was.
    [[nodiscard]] Secret renewed() const;

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

  private:
    std::string text_;
    std::string file_;
};

}  // namespace events::config
