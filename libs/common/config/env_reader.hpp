#pragma once

#include "common/config/environment.hpp"
#include "common/config/secret.hpp"
#include "common/config/text.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace events::config {

/// Inclusive bounds of a number.
template <typename T>
struct Range {
    T min;
    T max;
};

/// The shortest key that is taken: 16 random hexadecimal digits are 64 bits.
inline constexpr std::size_t kMinKeyLength = 16;

/// What `--help` and the tests of `.env.example` know of a variable.
struct Variable {
    std::string name;
    std::string default_text;
    std::string description;
};

/// Reads typed values from an environment, with a default that is written once, and collects
/// every problem instead of stopping at the first: a reader that met a problem still returns the
/// default, so that the rest can be checked.
///
/// Errors  one line each in problems(): the variable, what it holds (see shown()), what it may
///         hold. The value of a secret is never quoted.
/// Single-threaded.
class EnvReader {
  public:
    explicit EnvReader(const Environment& environment) : environment_{environment} {}

    [[nodiscard]] std::string text(std::string_view name, std::string_view fallback,
                                   std::string_view description);

    /// `name` itself or the content of the file that `name`_FILE names. Both at once is a problem.
    [[nodiscard]] Secret secret(std::string_view name, std::string_view fallback,
                                std::string_view description);

    /// Several secrets, separated by commas or line breaks, read as secret() reads one; none when
    /// the variable is not set. Each has at least kMinKeyLength characters, all of them visible
    /// ASCII, since it travels in headers, and no quote or semicolon. A variable that is set and
    /// holds no key is a problem: it would leave a door open that somebody meant to close.
    [[nodiscard]] std::vector<Secret> keys(std::string_view name, std::string_view description);

    /// One such secret; nothing when the variable is not set.
    [[nodiscard]] std::optional<Secret> key(std::string_view name, std::string_view description);

    /// The path of a file that can be read; empty when the variable is not set.
    [[nodiscard]] std::string file(std::string_view name, std::string_view description);

    /// The path of a folder that can be written to, or be made.
    [[nodiscard]] std::string folder(std::string_view name, std::string_view fallback,
                                     std::string_view description);

    [[nodiscard]] std::uint16_t port(std::string_view name, std::uint16_t fallback,
                                     std::string_view description);

    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback,
                                       Range<std::int64_t> range, std::string_view description);

    /// A number of bytes, plain or with a unit, as parse_bytes() reads it.
    [[nodiscard]] std::uint64_t bytes(std::string_view name, std::uint64_t fallback,
                                      Range<std::uint64_t> range, std::string_view description);

    /// A decimal number between 0 and 1.
    [[nodiscard]] double ratio(std::string_view name, double fallback,
                               std::string_view description);

    /// As parse_boolean() reads it.
    [[nodiscard]] bool boolean(std::string_view name, bool fallback, std::string_view description);

    /// A number of milliseconds, or a duration with its unit, as parse_duration() reads it.
    [[nodiscard]] std::chrono::milliseconds milliseconds(std::string_view name,
                                                         std::chrono::milliseconds fallback,
                                                         Range<std::chrono::milliseconds> range,
                                                         std::string_view description);

    /// One of the names in `choices`, or in `aliases`, which no message lists; in any case.
    template <typename E>
    [[nodiscard]] E choice(std::string_view name, E fallback,
                           std::span<const std::pair<std::string_view, E>> choices,
                           std::string_view description,
                           std::span<const std::pair<std::string_view, E>> aliases = {}) {
        std::string allowed;
        std::string_view fallback_text;
        for (const auto& [text, value] : choices) {
            if (!allowed.empty()) allowed += ", ";
            allowed += text;
            if (value == fallback) fallback_text = text;
        }
        const auto found = lookup(name, fallback_text, description);
        if (!found) return fallback;
        for (const auto& names : {choices, aliases}) {
            for (const auto& [text, value] : names) {
                if (equal_in_any_case(text, *found)) return value;
            }
        }
        problem(name, *found, "one of " + allowed);
        return fallback;
    }

    /// Adds a problem that a service's own check found.
    void problem(std::string_view name, std::string_view value, std::string_view expected);

    /// Adds something that is taken, but not as its author may think.
    void warning(std::string_view name, std::string_view text);

    /// A variable that another daemon reads, so that it is no misspelling of one of ours.
    void leave_to_others(std::string_view name) { known_.emplace(name); }

    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }
    /// Also of each variable that is set, that was not read and that looks_like() one that was.
    [[nodiscard]] std::vector<std::string> warnings() const;
    [[nodiscard]] const std::vector<Variable>& variables() const noexcept { return variables_; }

  private:
    std::optional<std::string> lookup(std::string_view name, std::string_view fallback_text,
                                      std::string_view description);
    std::optional<std::string> find(std::string_view name);

    const Environment& environment_;
    std::vector<std::string> problems_;
    std::vector<std::string> warnings_;
    std::vector<Variable> variables_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace events::config
