#pragma once

#include "common/config/env_reader.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::service {

/// What a daemon is called and does, for --help.
struct Description {
    std::string_view name;      ///< "gateway"
    std::string_view summary;   ///< one sentence
    bool has_database = false;  ///< so it has --migrate
};

enum class Action { run, check_config, health_check, migrate, help, version, refuse };

/// `unknown` is the argument that is refused.
struct CommandLine {
    Action action = Action::run;
    std::string_view unknown;
};

[[nodiscard]] CommandLine parse_command_line(std::span<const char* const> arguments);

/// The text of --help: usage, then every variable with its default and meaning.
[[nodiscard]] std::string help_text(const Description& description,
                                    std::span<const config::Variable> variables);

/// "gateway 0.1.0 (revision)".
[[nodiscard]] std::string version_text(const Description& description);

}  // namespace events::service
