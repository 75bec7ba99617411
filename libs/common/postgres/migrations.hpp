#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace events::postgres {

/// A numbered SQL file, embedded at build time with the SHA-256 of its bytes.
struct Migration {
    int number;             ///< from its name, e.g. 1 of 0001_events.sql
    std::string_view name;  ///< "0001_events.sql"
    std::string_view sql;
    std::string_view checksum;  ///< 64 hexadecimal digits
};

/// All of libs/common/migrations, by number.
[[nodiscard]] std::span<const Migration> embedded_migrations() noexcept;

/// The database was not made by these migrations: an applied one differs, or is unknown here. The
/// daemon must not start.
class MigrationRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Applies what is missing, by number, each in a transaction of its own, under an advisory lock
/// that makes other daemons wait. There is no statement timeout meanwhile.
///
/// The lock is the session's: it ends with this call, which closes the connection at its end, and
/// with the process. The connection's own statements must not need what the migrations make.
///
/// In a database that is read-only here (a standby, or a role that may only read) nothing is
/// applied: it is Unavailable until another daemon has done it.
///
/// Failure: MigrationRefused; Unavailable (try again); anything else is a bug in a migration. What
/// was applied before stays, of the failing migration nothing does.
void migrate(Connection& connection, std::span<const Migration> migrations,
             const logging::Logger& log);

}  // namespace events::postgres
