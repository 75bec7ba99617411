#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace events::config {

/// The environment variables of a process, taken once. Immutable, so safe to share.
class Environment {
  public:
    explicit Environment(std::map<std::string, std::string, std::less<>> variables);

    /// A snapshot of this process' environment.
    static Environment of_process();

    /// The variable's text without the blanks and line breaks around it; nothing when it is unset
    /// or empty (compose files pass empty strings for variables that nobody set).
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;

    /// Whether somebody set the variable to something, be it blanks.
    [[nodiscard]] bool has(std::string_view name) const;

    /// Every variable that somebody set to something.
    [[nodiscard]] std::vector<std::string_view> names() const;

  private:
    std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace events::config
