#pragma once

#include "common/config/env_reader.hpp"
#include "common/events/event.hpp"
#include "common/expected.hpp"
#include "erase/ledger.hpp"

#include <cstdint>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::erase {

/// The exit codes of both programs, as --help tells them; those of events-dlq.
enum ExitCode : int {
    kDone = 0,          ///< all that was asked for is done; of --check: nothing is there
    kIncomplete = 1,    ///< it was interrupted, or something failed; of --check: something is there
    kUsage = 2,         ///< the command line is wrong; nothing was done
    kUnavailable = 69,  ///< the database or the broker can't be reached
    kConfig = 78,       ///< the configuration is wrong
};

enum class Program : std::uint8_t { erase, export_user };

enum class Action : std::uint8_t { erase, dry_run, check, ledger, export_user, help, version };

struct CommandLine {
    Action action = Action::help;
    std::vector<std::string> ids{};
    std::string id_file{};           ///< more of them, one a line; "-": standard input
    std::optional<Source> source{};  ///< nothing: both
    Occasion occasion{};
    bool json = false;
    bool now = false;  ///< writes segments anew at once

    [[nodiscard]] std::vector<Source> sources() const;
};

/// Reads what stands behind the program's name. The error says what is wrong with it, without the
/// id of a person.
[[nodiscard]] Expected<CommandLine, std::string> parse_command_line(
    Program program, std::span<const char* const> arguments);

/// The ids of a file, one a line, each once, without what stands there already.
void read_ids(std::istream& file, std::vector<std::string>& ids);

/// The text of --help, with the configuration's variables.
[[nodiscard]] std::string help_text(Program program, std::span<const config::Variable> variables);

}  // namespace events::erase
