#include "dlq/command_line.hpp"

#include "common/config/text.hpp"
#include "common/config/variables_help.hpp"
#include "dlq/moment.hpp"
#include "dlq/option_value.hpp"
#include "dlq/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace events::dlq {
namespace {

struct CommandName {
    std::string_view name;
    Action action;
    std::string_view help;  ///< empty: another name of the one before
};

constexpr std::array<CommandName, 7> kCommands{{
    {"list", Action::list, "a table of letters, newest first"},
    {"summary", Action::summary, "how many there are of each reason and source"},
    {"count", Action::summary, ""},
    {"show", Action::show, "one letter, completely: show SEQUENCE"},
    {"export", Action::export_letters, "letters with their exact bytes, one JSON object a line"},
    {"replay", Action::replay, "publish again what is valid now, and delete its letter"},
    {"purge", Action::purge, "delete letters"},
}};

/// Takes an option's value over; false when it is no such value.
using Take = bool (*)(CommandLine&, std::string_view value, Timestamp now);

struct Option {
    std::string_view name;
    std::string_view value;     ///< what --help calls it; empty: the option has none
    std::string_view commands;  ///< that have it, separated by spaces; empty: every one but show
    std::string_view help;
    Take take;
    std::string (*allowed)() = nullptr;  ///< where `value` does not say it
};

bool take_codes(CommandLine& line, std::string_view value, Timestamp /*now*/) {
    while (true) {
        const auto comma = value.find(',');
        const auto code = value.substr(0, comma);
        if (!parse_code(code)) return false;
        line.filter.codes.emplace_back(code);
        if (comma == std::string_view::npos) return true;
        value.remove_prefix(comma + 1);
    }
}

std::string all_codes() {
    std::set<std::string_view> codes;
    for (const auto code : kGatewayRejections) codes.insert(to_string(code));
    for (const auto code : kCollectorRejections) codes.insert(to_string(code));
    return fmt::format("one or more of {}", fmt::join(codes, ", "));
}

bool take_limit(CommandLine& line, std::string_view value, Timestamp /*now*/) {
    const auto* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, line.limit);
    return error == std::errc{} && rest == end;
}

bool take_name(std::string& name, std::string_view value) {
    name = value;
    return !name.empty();
}

const std::array<Option, 14>& options() {
    static const auto kGivers = giver_names();
    static const std::array<Option, 14> kOptions{{
        {"--reason", "CODE[,CODE]", "", "given up for one of these, e.g. missing_field",
         &take_codes, &all_codes},
        {"--source", kGivers, "", "given up by the gateway, or by a collector",
         [](CommandLine& line, std::string_view value, Timestamp) {
             const auto* subject = find_subject(value);
             if (subject != nullptr) line.filter.subject = subject;
             return subject != nullptr;
         }},
        {"--since", "TIME", "", "not before: RFC 3339, or 90s, 15m, 2h, 7d, 1w ago",
         [](CommandLine& line, std::string_view value, Timestamp now) {
             line.filter.since = parse_moment(value, now);
             return line.filter.since.has_value();
         }},
        {"--until", "TIME", "", "not after",
         [](CommandLine& line, std::string_view value, Timestamp now) {
             line.filter.until = parse_moment(value, now);
             return line.filter.until.has_value();
         }},
        {"--correlation-id", "ID", "", "of this request",
         [](CommandLine& line, std::string_view value, Timestamp) {
             line.filter.correlation_id = value;
             return true;
         }},
        {"--sequence", "N[-M][,...]", "", "these letters; N- has no end",
         [](CommandLine& line, std::string_view value, Timestamp) {
             auto sequences = parse_sequences(value);
             if (sequences) line.filter.sequences = std::move(*sequences);
             return sequences.has_value();
         }},
        {"--limit", "N", "list", "at most so many letters; 0: all [50]", &take_limit},
        {"--oldest", "", "list", "the oldest first",
         [](CommandLine& line, std::string_view, Timestamp) { return line.oldest_first = true; }},
        {"--json", "", "list summary count show", "one JSON object a line, for programs",
         [](CommandLine& line, std::string_view, Timestamp) { return line.json = true; }},
        {"--output", "FILE", "export", "into a file, which is complete as soon as it is there",
         [](CommandLine& line, std::string_view value, Timestamp) {
             return take_name(line.output, value);
         }},
        {"--force", "", "export", "replace the file of --output where it is there",
         [](CommandLine& line, std::string_view, Timestamp) { return line.force = true; }},
        {"--edited", "FILE", "replay",
         "an export that was corrected: its bytes instead of the letters'",
         [](CommandLine& line, std::string_view value, Timestamp) {
             return take_name(line.edited, value);
         }},
        {"--apply", "", "replay purge", "do it; without, only say what would be done",
         [](CommandLine& line, std::string_view, Timestamp) { return line.apply = true; }},
        {"--all", "", "purge", "every letter: where no filter is given",
         [](CommandLine& line, std::string_view, Timestamp) { return line.all = true; }},
    }};
    return kOptions;
}

/// Whether `word` is one of the words of `list`.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const auto next = list.substr(0, list.find(' '));
        if (next == word) return true;
        list.remove_prefix(std::min(next.size() + 1, list.size()));
    }
    return false;
}

bool belongs(const Option& option, std::string_view command) {
    return option.commands.empty() ? command != "show" : lists(option.commands, command);
}

Unexpected<std::string> usage_error(std::string what) {
    return Unexpected<std::string>{std::move(what)};
}

/// An argument as a message may quote it.
std::string quotable(std::string_view argument) {
    return config::may_hold_credentials(argument) ? "***" : printable(argument);
}

/// What no single option can see. Empty when all is well.
std::string_view contradiction(const CommandLine& line) {
    if (line.action == Action::show && line.sequence == 0) {
        return "show needs a letter's sequence, e.g. show 17";
    }
    if (line.action == Action::purge && line.filter.empty() != line.all) {
        return "purge needs a filter, or --all, and not both";
    }
    if (!line.edited.empty() && !line.filter.empty()) {
        return "--edited takes no filter: its lines say which letters";
    }
    return {};
}

}  // namespace

Expected<CommandLine, std::string> parse_command_line(std::span<const char* const> arguments,
                                                      Timestamp now) {
    CommandLine line;
    for (const std::string_view argument : arguments) {
        if (argument == "--help" || argument == "-h") return line;
    }
    if (arguments.empty()) return usage_error("a command is missing");
    const std::string_view name = arguments.front();
    if (name == "--version") {
        line.action = Action::version;
        return line;
    }
    const auto command = std::ranges::find(kCommands, name, &CommandName::name);
    if (command == kCommands.end()) return usage_error("unknown command " + quotable(name));
    line.action = command->action;

    auto rest = arguments.subspan(1);
    while (!rest.empty()) {
        const std::string_view argument = rest.front();
        rest = rest.subspan(1);
        if (line.action == Action::show && !argument.starts_with('-')) {
            const auto sequences = parse_sequences(argument);
            if (line.sequence != 0 || !sequences || sequences->size() != 1 ||
                sequences->front().first != sequences->front().last) {
                return usage_error("show needs one sequence, not " + quotable(argument));
            }
            line.sequence = sequences->front().first;
            continue;
        }
        const auto option =
            std::ranges::find(options(), argument.substr(0, argument.find('=')), &Option::name);
        if (option == options().end() || !belongs(*option, name)) {
            return usage_error(fmt::format("{} has no {}", name, quotable(argument)));
        }
        const auto value = take_value(argument, !option->value.empty(), rest);
        if (!value) return usage_error(value.error());
        if (!option->take(line, *value, now)) {
            return usage_error(fmt::format(
                "{}: \"{}\" is not {}", option->name, quotable(*value),
                option->allowed != nullptr ? option->allowed() : std::string{option->value}));
        }
    }
    if (const auto problem = contradiction(line); !problem.empty()) {
        return usage_error(std::string{problem});
    }
    return line;
}

std::string help_text(std::span<const config::Variable> variables) {
    std::string text =
        "events-dlq: shows, corrects, replays and deletes dead letters\n\n"
        "Usage: events-dlq COMMAND [OPTIONS]\n\n";
    auto out = std::back_inserter(text);
    for (const auto& [name, action, help] : kCommands) {
        fmt::format_to(out, "  {:<10}{}\n", name,
                       help.empty() ? "the same as the command above" : help);
    }
    for (const bool of_all : {true, false}) {
        text += of_all ? "\nWhich letters (every command but show; all of them must hold):\n\n"
                       : "\nMore options:\n\n";
        for (const auto& option : options()) {
            if (option.commands.empty() != of_all) continue;
            fmt::format_to(out, "  {:<34}{}{}\n", fmt::format("{} {}", option.name, option.value),
                           option.help, of_all ? "" : fmt::format(" ({})", option.commands));
        }
    }
    text +=
        "\nExit codes: 0 all is done; 1 something stayed undone, and was named; 2 wrong usage; 69 "
        "the\nbroker can't be reached; 78 wrong configuration. A replay or a purge may be "
        "interrupted (Ctrl-C,\neven SIGKILL) and run again: each event is stored once.\n\n";
    return text + config::variables_help(variables);
}

}  // namespace events::dlq
