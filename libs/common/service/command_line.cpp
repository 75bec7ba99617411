#include "common/service/command_line.hpp"

#include "common/build_info/build_info.hpp"

#include <fmt/format.h>

#include <iterator>

namespace events::service {

CommandLine parse_command_line(std::span<const char* const> arguments) {
    CommandLine command;
    for (const std::string_view argument : arguments) {
        if (argument == "--check-config") {
            command.action = Action::check_config;
        } else if (argument == "--health-check") {
            command.action = Action::health_check;
        } else if (argument == "--help" || argument == "-h") {
            return {Action::help, {}};
        } else if (argument == "--version") {
            return {Action::version, {}};
        } else {
            return {Action::refuse, argument};
        }
    }
    return command;
}

std::string help_text(const Description& description, std::span<const config::Variable> variables) {
    auto text = fmt::format(
        "{}: {}\n\nUsage: {} [--check-config | --health-check | --help | --version]\n\n"
        "  --check-config  read the configuration, print every problem, exit 0 or 78\n"
        "  --health-check  ask the daemon that runs here for its readiness, exit 0 or 1\n"
        "  --help          print this and exit\n"
        "  --version       print the version and exit\n\n"
        "Configuration comes from environment variables only (default in brackets):\n\n",
        description.name, description.summary, description.name);
    for (const auto& variable : variables) {
        fmt::format_to(std::back_inserter(text), "  {} [{}]\n      {}\n", variable.name,
                       variable.default_text, variable.description);
    }
    return text;
}

std::string version_text(const Description& description) {
    return fmt::format("{} {} ({})", description.name, build_info::version(),
                       build_info::revision());
}

}  // namespace events::service
