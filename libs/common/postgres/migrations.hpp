#pragma once

#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/error.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <stdexcept>
#include <stop_token>
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

/// The database was not made by these migrations: an applied one differs, or is unknown here, or
/// the tables of events are a former version's. The daemon must not start.
class MigrationRefused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The database lacks a migration that can't be applied from here: it is read-only here (a
/// standby), or the role owns nothing. Another daemon has to do it, or --migrate. The text holds no
/// secret.
class MigrationPending : public Unavailable {
  public:
    using Unavailable::Unavailable;
};

struct MigrationOptions {
    /// Ends a migration, which is rolled back, and the wait for one.
    std::stop_token stop{};
    std::chrono::milliseconds progress_every{10'000};  ///< in the log
    /// Told what goes on, for readiness: "migrating: 0002_names.sql". No secret is in it. Called
    /// by this thread and by another.
    std::function<void(std::string_view)> state{};
};

/// Applies what is missing, by number, each in a transaction of its own.
///
/// A migration may take hours: neither a timeout nor the connection's answer_timeout ends it. The
/// log says each `progress_every` that it goes on. Another daemon that needs it waits meanwhile,
/// and says so. An advisory lock sees to that: it is a transaction's, so that none is left behind,
/// whatever ends. Where nothing is missing, nothing is written and nothing locked: a role that may
/// read our own schema is enough.
///
/// Before all that a pooler between is refused that does not keep sessions.
///
/// The connection's own statements must not need what the migrations make.
///
/// Failure: MigrationRefused, PoolingModeRefused; Unavailable (try again), when stopped too;
/// anything else is a bug in a migration. What was applied before stays, of the failing migration
/// nothing does.
void migrate(Connection& connection, std::span<const Migration> migrations,
             const logging::Logger& log, const MigrationOptions& options = {});

}  // namespace events::postgres
