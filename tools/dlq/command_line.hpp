#pragma once

#include "common/config/env_reader.hpp"
#include "common/expected.hpp"
#include "dlq/filter.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace events::dlq {

/// The exit codes, as --help tells them.
enum ExitCode : int {
    kDone = 0,          ///< all that was asked for is done
    kIncomplete = 1,    ///< something stayed undone: each letter and its reason is named
    kUsage = 2,         ///< the command line is wrong; nothing was done
    kUnavailable = 69,  ///< the broker can't be reached, or does not answer any more
    kConfig = 78,       ///< the configuration is wrong
};

enum class Action : std::uint8_t {
    list,
    summary,
    show,
    export_letters,
    replay,
    purge,
    help,
    version,
};

struct CommandLine {
    Action action = Action::help;
    Filter filter;
    std::size_t limit = 50;  ///< of a list; 0: no limit
    bool oldest_first = false;
    bool json = false;
    bool apply = false;
    bool all = false;
    std::string output;          ///< a file's name; empty: standard output
    bool force = false;          ///< the file may be there
    std::string edited;          ///< a file's name; empty: what the stream holds is replayed
    std::uint64_t sequence = 0;  ///< of the letter to be shown
};

/// Reads what stands behind the program's name. The error says what is wrong with it.
/// Relative times count back from `now`.
[[nodiscard]] Expected<CommandLine, std::string> parse_command_line(
    std::span<const char* const> arguments, Timestamp now);

/// The text of --help, with the configuration's variables.
[[nodiscard]] std::string help_text(std::span<const config::Variable> variables);

}  // namespace events::dlq
