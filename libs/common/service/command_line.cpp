#include "common/service/command_line.hpp"

#include "common/build_info/build_info.hpp"
#include "common/config/variables_help.hpp"

#include <fmt/format.h>

namespace events::service {

namespace {

constexpr auto kMigrateHelp =
    "  --migrate       apply the migrations that the database lacks, exit 0 or 1\n";

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments) {
    CommandLine command;
    for (const std::string_view argument : arguments) {
        if (argument == "--check-config") {
            command.action = Action::check_config;
        } else if (argument == "--health-check") {
            command.action = Action::health_check;
        } else if (argument == "--migrate") {
            command = {Action::migrate, argument};
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
    return fmt::format(
        "{0}: {1}\n\nUsage: {0} [--check-config | --health-check |{2} --help | --version]\n\n"
        "  --check-config  read the configuration, print every problem, exit 0 or 78\n"
        "  --health-check  ask the daemon that runs here for its readiness, exit 0 or 1\n{3}"
        "  --help          print this and exit\n"
        "  --version       print the version and exit\n\n{4}",
        description.name, description.summary, description.has_database ? " --migrate |" : "",
        description.has_database ? kMigrateHelp : "", config::variables_help(variables));
}

std::string version_text(const Description& description) {
    return fmt::format("{} {} ({})", description.name, build_info::version(),
                       build_info::revision());
}

}  // namespace events::service
