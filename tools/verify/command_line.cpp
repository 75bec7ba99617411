#include "verify/command_line.hpp"

#include "common/config/text.hpp"
#include "common/config/variables_help.hpp"
#include "common/events/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace events::verify {
namespace {

Unexpected<std::string> usage_error(std::string what) {
    return Unexpected<std::string>{std::move(what)};
}

/// An argument as a message may quote it.
std::string quotable(std::string_view argument) {
    const bool is_plain = std::ranges::all_of(argument, [](char c) { return c > ' ' && c < 127; });
    return is_plain && !config::may_hold_credentials(argument) ? std::string{argument} : "***";
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    const auto midnight = parse_timestamp(fmt::format("{}T00:00:00Z", text));
    if (!midnight || text.size() != std::string_view{"2026-03-01"}.size()) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(*midnight);
}

}  // namespace

Expected<CommandLine, std::string> parse_command_line(std::span<const char* const> arguments) {
    CommandLine line;
    bool all = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        const auto name = argument.substr(0, argument.find('='));
        if (name == "--help" || name == "-h") return CommandLine{.action = Action::help};
        if (name == "--version") return CommandLine{.action = Action::version};
        if (argument == "--all") {
            all = true;
            continue;
        }
        if (name != "--day" && name != "--source") {
            return usage_error("unknown argument " + quotable(argument));
        }
        if (name.size() == argument.size() && ++i == arguments.size()) {
            return usage_error(fmt::format("{} needs a value", name));
        }
        const auto value = name.size() == argument.size() ? std::string_view{arguments[i]}
                                                          : argument.substr(name.size() + 1);
        if (name == "--day" && !(line.day = parse_day(value))) {
            return usage_error(
                fmt::format("--day: {} is not a day such as 2026-03-01", quotable(value)));
        }
        if (name == "--source" && !(line.source = find_source(value))) {
            return usage_error(
                fmt::format("--source: {} is not {}", quotable(value), source_names(" or ")));
        }
    }
    if (all == line.day.has_value()) return usage_error("one of --day and --all is needed");
    return line;
}

std::string help_text(std::span<const config::Variable> variables) {
    std::string text =
        "events-verify: holds the segments that reports are made of against the tables' rows\n\n"
        "Usage: events-verify --day DAY [--source SOURCE]\n"
        "       events-verify --all [--source SOURCE]\n\n"
        "  --day DAY        the partitions that have this UTC day, e.g. 2026-03-01\n"
        "  --all            every partition that is attached\n"
        "  --source SOURCE  only its partitions: " +
        source_names(" or ") +
        "\n\n"
        "It changes nothing, and holds one snapshot of the database for each partition.\n\n"
        "Exit codes: 0 equal; 1 different: what and where is told, and how to build it again; 2 it "
        "could\nnot be found out: wrong usage or configuration, no database, no such "
        "partition.\n\n";
    return text + config::variables_help(variables);
}

}  // namespace events::verify
