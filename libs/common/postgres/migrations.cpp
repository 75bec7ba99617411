#include "common/postgres/migrations.hpp"

#include "common/postgres/cancel_on_stop.hpp"
#include "common/postgres/migration_progress.hpp"
#include "common/postgres/pooling_mode.hpp"
#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// The advisory lock of all our migrations; any number that other users of the database don't use.
constexpr auto kTryLock = "SELECT pg_try_advisory_xact_lock(4957018823901)";
constexpr auto kLockHolder =
    "SELECT coalesce(nullif(application_name, ''), 'a session') || format(' (process %s)', pid) "
    "FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND classid::bigint << 32 | objid::bigint = 4957018823901 AND pg_locks.database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())";

constexpr auto kStopped = "stopped while migrating";

/// Between two attempts to get the lock.
constexpr auto kLockRetry = 500ms;

/// Whatever the role, the database or the server limits, by names that this version of it has.
constexpr auto kLiftLimits =
    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN ('statement_timeout', "
    "'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

constexpr auto kMakeTable =
    "CREATE TABLE schema_migrations ("
    "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now())";

/// Why nothing can be migrated from here, or null: a standby or what is set so, and a role that
/// owns nothing or may make nothing.
constexpr auto kObstacle =
    "SELECT CASE "
    "WHEN current_setting('transaction_read_only') = 'on' THEN 'is read-only here' "
    "WHEN owner IS NULL AND current_schema() IS NULL THEN 'has no schema on the search path' "
    "WHEN owner IS NULL AND NOT has_schema_privilege(current_schema(), 'CREATE') THEN "
    "  format('lets the role %I make nothing in the schema %I', current_user, current_schema()) "
    "WHEN NOT pg_has_role(owner, 'USAGE') THEN "
    "  format('belongs to %s, not to the role %I', owner::regrole, current_user) END "
    "FROM (VALUES (to_regclass('schema_migrations'))) AS found (ours) "
    "LEFT JOIN LATERAL (SELECT relowner FROM pg_class WHERE oid = ours) AS owned (owner) ON true";

struct Applied {
    std::string name;
    std::string checksum;
};

bool has_table(pqxx::transaction_base& transaction) {
    return transaction.exec("SELECT to_regclass('schema_migrations') IS NOT NULL")[0][0].as<bool>();
}

std::map<int, Applied> read_applied(pqxx::transaction_base& transaction) {
    std::map<int, Applied> applied;
    if (!has_table(transaction)) return applied;
    for (const auto& row :
         transaction.exec("SELECT number, name, checksum FROM schema_migrations")) {
        applied.emplace(row[0].as<int>(),
                        Applied{row[1].as<std::string>(), row[2].as<std::string>()});
    }
    return applied;
}

void check(const std::map<int, Applied>& applied, std::span<const Migration> migrations) {
    for (const auto& [number, found] : applied) {
        const auto known = std::ranges::find(migrations, number, &Migration::number);
        if (known == migrations.end()) {
            throw MigrationRefused{fmt::format(
                "the database has migration {} ({}), which this version does not know: it was "
                "made by a newer one",
                number, found.name)};
        }
        if (known->checksum != found.checksum) {
            throw MigrationRefused{
                fmt::format("migration {} ({}) was changed after it was applied: its checksum is "
                            "{}, the database has {}",
                            number, known->name, known->checksum, found.checksum)};
        }
    }
}

/// Of what PostgreSQL says; the lines behind it quote the statement.
std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

/// One run of migrate().
class Migrator {
  public:
    Migrator(Connection& connection, std::span<const Migration> migrations,
             const logging::Logger& log, const MigrationOptions& options)
        : connection_{connection}, migrations_{migrations}, log_{log}, options_{options} {}

    void run() {
        Clock::time_point told{};
        while (const auto* missing = look()) {
            if (apply_next(*missing)) continue;
            if (Clock::now() - told >= options_.progress_every) {
                tell_holder(*missing);
                told = Clock::now();
            }
            if (!retry::pause(kLockRetry, options_.stop)) throw Unavailable{kStopped};
        }
    }

  private:
    [[nodiscard]] const Migration* first_missing(pqxx::transaction_base& transaction) const {
        const auto applied = read_applied(transaction);
        check(applied, migrations_);
        const auto missing = std::ranges::find_if(
            migrations_, [&](const auto& known) { return !applied.contains(known.number); });
        return missing == migrations_.end() ? nullptr : &*missing;
    }

    /// The migration that is to be applied next; null: none is missing.
    [[nodiscard]] const Migration* look() const {
        return connection_.guarded([&](Session& session) -> const Migration* {
            pqxx::nontransaction transaction{session};
            const auto* missing = first_missing(transaction);
            if (missing == nullptr) return nullptr;
            const auto obstacle = transaction.exec(kObstacle)[0][0];
            if (obstacle.is_null()) return missing;
            throw MigrationPending{fmt::format(
                "the database {} and has no migration {} yet: a daemon whose role owns it has to "
                "start, or run with --migrate",
                obstacle.as<std::string>(), missing->name)};
        });
    }

    /// False: another session migrates.
    bool apply_next(const Migration& expected) {
        return connection_.unwatched([&](Session& session) {
            try {
                pqxx::work transaction{session};
                return apply_locked(transaction);
            } catch (const pqxx::insufficient_privilege& error) {
                throw MigrationPending{fmt::format("this role may not apply the migration {}: {}",
                                                   expected.name, first_line(error.what()))};
            }
        });
    }

    /// Another one may have applied it since it was looked for: the first one that is missing now.
    bool apply_locked(pqxx::work& transaction) {
        transaction.exec(kLiftLimits);
        if (!transaction.exec(kTryLock)[0][0].as<bool>()) return false;
        if (!has_table(transaction)) transaction.exec(kMakeTable);
        const auto* missing = first_missing(transaction);
        if (missing == nullptr) return true;
        const auto backend = transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>();
        const MigrationProgress progress{connection_.options(),
                                         {std::string{missing->name}, backend},
                                         options_.progress_every,
                                         log_,
                                         options_.state};
        transaction.exec(std::string{missing->sql});
        transaction.exec_params(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
            missing->number, std::string{missing->name}, std::string{missing->checksum});
        transaction.commit();
        return true;
    }

    void tell_holder(const Migration& missing) const {
        const auto holder = connection_.guarded([](Session& session) {
            const auto rows = pqxx::nontransaction{session}.exec(kLockHolder);
            return rows.empty() ? std::string{"another session"} : rows[0][0].as<std::string>();
        });
        log_.info("waits for another daemon's migration",
                  {{"migration", missing.name}, {"holder", holder}});
        if (options_.state) options_.state("waits for the migration of " + holder);
    }

    Connection& connection_;
    std::span<const Migration> migrations_;
    const logging::Logger& log_;
    const MigrationOptions& options_;
};

}  // namespace

void migrate(Connection& connection, std::span<const Migration> migrations,
             const logging::Logger& log, const MigrationOptions& options) {
    require_session_pooling(connection.options());
    const CancelOnStop cancel{options.stop, connection.interrupter()};
    try {
        Migrator{connection, migrations, log, options}.run();
    } catch (const std::exception&) {
        if (!options.stop.stop_requested()) throw;
        connection.close();
        throw Unavailable{kStopped};
    }
}

}  // namespace events::postgres
