#pragma once

#include "dlq/command_line.hpp"
#include "dlq/console.hpp"
#include "dlq/letters.hpp"

namespace events::dlq {

// What only reads or deletes. Each writes its answer and returns the exit code; nats::Error
// escapes.

[[nodiscard]] ExitCode list(Letters& letters, const CommandLine& line, Console& console);
[[nodiscard]] ExitCode summarise(Letters& letters, const CommandLine& line, Console& console);
[[nodiscard]] ExitCode show(Letters& letters, const CommandLine& line, Console& console);

/// Writes every chosen letter; into a file under another name that is renamed at the end, so that
/// a file of the wanted name is complete. Only its owner may read it: there are people's data in
/// it.
[[nodiscard]] ExitCode export_letters(Letters& letters, const CommandLine& line, Console& console);

/// Deletes exactly the letters that it counted before.
[[nodiscard]] ExitCode purge(Letters& letters, const CommandLine& line, Console& console);

}  // namespace events::dlq
