#pragma once

#include "common/config/env_reader.hpp"
#include "common/events/event.hpp"
#include "common/expected.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace events::verify {

/// The exit codes, as --help tells them; diff has the same.
enum ExitCode : int {
    kEqual = 0,      ///< reports say what the rows say
    kDifferent = 1,  ///< segments and rows differ: each partition is named
    kTrouble = 2,    ///< it could not be found out
};

enum class Action : std::uint8_t { verify, help, version };

struct CommandLine {
    Action action = Action::verify;
    std::optional<std::chrono::sys_days> day{};  ///< UTC; nothing: all days
    std::optional<Source> source{};              ///< nothing: both
};

/// Reads what stands behind the program's name. The error says what is wrong with it.
[[nodiscard]] Expected<CommandLine, std::string> parse_command_line(
    std::span<const char* const> arguments);

/// The text of --help, with the configuration's variables.
[[nodiscard]] std::string help_text(std::span<const config::Variable> variables);

}  // namespace events::verify
