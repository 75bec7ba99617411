#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

namespace events::service {

/// --migrate: applies what the database lacks, waiting for a daemon that does it already, and
/// returns the exit code: 0 when nothing is missing, 1 with a line in the log.
[[nodiscard]] int migrate_database(const postgres::Options& database, const logging::Logger& log);

/// Whether a daemon with this configuration has a database, and so the option.
template <typename Config>
inline constexpr bool kHasDatabase = requires(const Config& config) {
    config.postgres;
};

}  // namespace events::service
