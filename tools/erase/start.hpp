#pragma once

#include "common/nats/connection.hpp"
#include "common/postgres/connection.hpp"
#include "dlq/console.hpp"
#include "erase/command_line.hpp"
#include "erase/erasure.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace events::erase {

/// What a program does once it is connected.
using Run = std::function<ExitCode(const CommandLine&, const Systems&,
                                   const std::vector<Person>& persons, dlq::Console&)>;

/// Reads the command line, the configuration and the ids, connects, and runs. The one place where
/// the programs catch: whatever happens is told in one line, and by the exit code.
[[nodiscard]] int start(Program program, std::string_view name, std::string_view summary,
                        std::span<const char* const> arguments, const Run& run);

}  // namespace events::erase
