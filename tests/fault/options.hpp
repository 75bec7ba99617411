#pragma once

#include "common/expected.hpp"
#include "schedule.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace events::test {

struct RunOptions {
    std::uint64_t seed = 1;
    std::optional<std::chrono::seconds> duration;  ///< at least this long; nothing: one brief turn
    std::vector<std::string> kinds;                ///< all that are possible when empty
    bool cluster = false;
    bool upkeep = false;  ///< erasures and days dropped beside the faults, instead of among them
    bool list = false;
    bool help = false;

    /// The arguments that give this run again.
    [[nodiscard]] std::string arguments() const;
};

/// Failure: what is wrong with the arguments.
[[nodiscard]] Expected<RunOptions, std::string> parse_options(
    std::span<const char* const> arguments);

/// The kinds and targets that a run with these options can have, with disks, and with such that can
/// be made read-only.
[[nodiscard]] std::vector<FaultKind> possible_kinds(const RunOptions& options, bool disks,
                                                    bool read_only);

}  // namespace events::test
