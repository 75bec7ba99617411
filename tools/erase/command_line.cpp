#include "erase/command_line.hpp"

#include "common/config/variables_help.hpp"
#include "dlq/option_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace events::erase {
namespace {

/// Takes an option's value over; false when it is no such value.
using Take = bool (*)(CommandLine&, std::string_view value);

struct Option {
    std::string_view name;
    std::string_view value;  ///< what --help calls it; empty: the option has none
    std::string_view help;
    Take take;
    bool of_export = false;  ///< events-export-user has it, too
};

bool choose(CommandLine& line, Action action) {
    const bool is_first = line.action == Action::erase;
    line.action = action;
    return is_first;
}

const std::array<Option, 9>& options() {
    static const auto kNames = source_names("|");
    static const std::array<Option, 9> kOptions{{
        {"--ids", "FILE", "more persons, one id a line; - is standard input",
         [](CommandLine& line, std::string_view value) {
             line.id_file = value;
             return !value.empty();
         },
         true},
        {"--source", kNames, "only this one's events of them",
         [](CommandLine& line, std::string_view value) {
             line.source = find_source(value);
             return line.source.has_value();
         },
         true},
        {"--reason", "TEXT", "why, for the ledger",
         [](CommandLine& line, std::string_view value) {
             line.occasion.reason = value;
             return true;
         }},
        {"--requested-by", "TEXT", "who asked for it, for the ledger",
         [](CommandLine& line, std::string_view value) {
             line.occasion.requested_by = value;
             return true;
         }},
        {"--now", "", "write the segments anew at once that have something of them",
         [](CommandLine& line, std::string_view) { return line.now = true; }},
        {"--dry-run", "", "only say what would be removed",
         [](CommandLine& line, std::string_view) { return choose(line, Action::dry_run); }},
        {"--check", "", "say whether anything of them is there; the exit code, too",
         [](CommandLine& line, std::string_view) { return choose(line, Action::check); }},
        {"--ledger", "", "list the erasures, of all or of these persons",
         [](CommandLine& line, std::string_view) { return choose(line, Action::ledger); }},
        {"--json", "", "one JSON object a line, for programs",
         [](CommandLine& line, std::string_view) { return line.json = true; }},
    }};
    return kOptions;
}

Unexpected<std::string> usage_error(std::string what) {
    return Unexpected<std::string>{std::move(what)};
}

const Option* find_option(Program program, std::string_view name) {
    const auto found = std::ranges::find(options(), name, &Option::name);
    if (found == options().end()) return nullptr;
    return program == Program::erase || found->of_export ? &*found : nullptr;
}

/// What no single option can see. Empty when all is well.
std::string_view contradiction(const CommandLine& line) {
    const bool has_persons = !line.ids.empty() || !line.id_file.empty();
    if (!has_persons && line.action != Action::ledger) return "the id of a person is missing";
    if (std::ranges::find(line.ids, "") != line.ids.end()) return "an id is empty";
    if (line.now && line.action != Action::erase) return "--now erases; it is not for this";
    return {};
}

}  // namespace

std::vector<Source> CommandLine::sources() const {
    if (source) return {*source};
    const auto all = events::sources();
    return {all.begin(), all.end()};
}

Expected<CommandLine, std::string> parse_command_line(Program program,
                                                      std::span<const char* const> arguments) {
    CommandLine line;
    line.action = program == Program::erase ? Action::erase : Action::export_user;
    bool only_ids = false;
    for (auto rest = arguments; !rest.empty();) {
        const auto place = arguments.size() - rest.size() + 1;
        const std::string_view argument = rest.front();
        rest = rest.subspan(1);
        if (only_ids || !argument.starts_with('-')) {
            line.ids.emplace_back(argument);
            continue;
        }
        if (argument == "--help" || argument == "-h") return CommandLine{};
        if (argument == "--version") return CommandLine{.action = Action::version};
        if (argument == "--") {
            only_ids = true;
            continue;
        }
        const auto name = argument.substr(0, argument.find('='));
        const auto* option = find_option(program, name);
        // It is not quoted: it may be a person's id.
        if (option == nullptr) return usage_error(fmt::format("argument {} is unknown", place));
        const auto value = dlq::take_value(argument, !option->value.empty(), rest);
        if (!value) return usage_error(value.error());
        if (!option->take(line, *value)) {
            return usage_error(option->value.empty()
                                   ? std::string{"only one of --dry-run, --check and --ledger"}
                                   : fmt::format("{} needs {}", name, option->value));
        }
    }
    if (const auto problem = contradiction(line); !problem.empty()) {
        return usage_error(std::string{problem});
    }
    return line;
}

void read_ids(std::istream& file, std::vector<std::string>& ids) {
    for (std::string id; std::getline(file, id);) {
        if (id.ends_with('\r')) id.pop_back();
        if (!id.empty()) ids.push_back(id);
    }
    std::vector<std::string> each;
    for (auto& id : ids) {
        if (std::ranges::find(each, id) == each.end()) each.push_back(std::move(id));
    }
    ids = std::move(each);
}

std::string help_text(Program program, std::span<const config::Variable> variables) {
    const bool is_erase = program == Program::erase;
    std::string text =
        is_erase
            ? "events-erase: removes persons from rows, reports, dead letters and what waits\n\n"
              "Usage: events-erase USER_ID... [OPTIONS]\n"
              "       events-erase --ledger [USER_ID...]\n\n"
            : "events-export-user: prints all that is kept of persons, one JSON object a line\n\n"
              "Usage: events-export-user USER_ID... [OPTIONS]\n\n";
    auto out = std::back_inserter(text);
    for (const auto& option : options()) {
        if (!is_erase && !option.of_export) continue;
        fmt::format_to(out, "  {:<26}{}\n", fmt::format("{} {}", option.name, option.value),
                       option.help);
    }
    text += is_erase
                ? "\nWhat was accepted before is never stored later, wherever it waits; what is "
                  "accepted afterwards is.\nIt may be interrupted (Ctrl-C, even SIGKILL) and "
                  "run again.\n"
                : "\nKinds: row, deadLetter, waiting (in a stream, not stored yet).\n";
    text +=
        "\nExit codes: 0 all is done (--check: nothing is there); 1 interrupted or not all is done "
        "(--check:\nsomething is there); 2 wrong usage; 69 the database or the broker can't be "
        "reached; 78 wrong\nconfiguration.\n\n";
    return text + config::variables_help(variables);
}

}  // namespace events::erase
