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
    "CREATE TABLE events_migrations ("
    "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
    "applied_at timestamptz NOT NULL DEFAULT now()); "
    "COMMENT ON TABLE events_migrations IS 'The migrations of events-handler that were applied.'";

/// $1 and $2 are our own schema's name and the tables'. Why nothing can be migrated from here, or
/// null: a standby or what is set so, and a role that owns nothing or may make nothing.
constexpr auto kObstacle = R"(
SELECT CASE
    WHEN current_setting('transaction_read_only') = 'on' THEN 'is read-only here'
    WHEN NOT pg_has_role(relowner, 'USAGE') THEN
        format('belongs to %s, not to the role %I', relowner::regrole, current_user)
    WHEN tables IS NULL THEN format('has no schema %I', $2)
    WHEN NOT has_schema_privilege(tables, 'CREATE') THEN
        format('lets the role %I make nothing in the schema %I', current_user, $2)
    WHEN ours IS NULL AND NOT has_database_privilege(current_database(), 'CREATE') THEN
        format('lets the role %I make no schema %I', current_user, $1)
    WHEN relowner IS NULL AND NOT has_schema_privilege(ours, 'CREATE') THEN
        format('lets the role %I make nothing in the schema %I', current_user, $1)
    END
FROM (VALUES (to_regnamespace(quote_ident($1))::oid, to_regnamespace(quote_ident($2))::oid))
    AS schemas (ours, tables)
LEFT JOIN pg_class ON relname = 'events_migrations' AND relnamespace = ours)";

/// $1 is the tables' schema: whether it has tables of events, of whatever source, and such a table
/// of migrations as the versions made that had everything in one schema.
constexpr auto kFindTables = R"(
SELECT EXISTS (SELECT FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
               WHERE relname LIKE '%\_events' AND relnamespace = to_regnamespace(quote_ident($1))
                 AND attname IN ('event_id', 'occurred_at', 'received_at', 'funnel_stage')
               GROUP BY attrelid HAVING count(*) = 4),
       EXISTS (SELECT FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
               WHERE relname = 'schema_migrations' AND attname = 'checksum'
                 AND relnamespace = to_regnamespace(quote_ident($1))))";

struct Applied {
    std::string name;
    std::string checksum;
};

/// Our own schema comes first on the path, so that the table is made there; one further on is not
/// ours.
bool has_table(pqxx::transaction_base& transaction, const std::string& schema) {
    return transaction
        .exec_params1(
            "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'events_migrations' "
            "AND relnamespace = to_regnamespace(quote_ident($1)))",
            schema)[0]
        .as<bool>();
}

std::map<int, Applied> read_applied(pqxx::transaction_base& transaction,
                                    const std::string& schema) {
    std::map<int, Applied> applied;
    if (!has_table(transaction, schema)) return applied;
    for (const auto& row :
         transaction.exec("SELECT number, name, checksum FROM events_migrations")) {
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

/// Tables of events that no migration known here made.
void refuse_tables(pqxx::transaction_base& transaction, const std::string& schema,
                   const std::string& tables) {
    const auto found = transaction.exec_params1(kFindTables, tables);
    if (!found[0].as<bool>()) return;
    if (found[1].as<bool>()) {
        throw MigrationRefused{fmt::format(
            "the schema {} of the database has the tables of a former version, which this one "
            "can't take over: use a new database; docs/upgrading.md tells how to copy the rows",
            tables)};
    }
    throw MigrationRefused{fmt::format(
        "the schema {} of the database has tables of events, and the schema {} does not know them: "
        "DATABASE_SCHEMA has to be the one that they were made with, or ?schema= in DATABASE_URL "
        "another one",
        tables, schema)};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
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
        const auto applied = read_applied(transaction, connection_.options().schema);
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
            const auto& schema = connection_.options().schema;
            const auto tables = connection_.tables_schema();
            if (!has_table(transaction, schema)) refuse_tables(transaction, schema, tables);
            const auto obstacle = transaction.exec_params1(kObstacle, schema, tables)[0];
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
        make_table(transaction);
        const auto* missing = first_missing(transaction);
        if (missing == nullptr) return true;
        const auto backend = transaction.exec("SELECT pg_backend_pid()")[0][0].as<int>();
        const MigrationProgress progress{connection_.options(),
                                         {std::string{missing->name}, backend},
                                         options_.progress_every,
                                         log_,
                                         options_.state};
        transaction.exec(text_of(*missing, transaction));
        transaction.exec_params(
            "INSERT INTO events_migrations (number, name, checksum) VALUES ($1, $2, $3)",
            missing->number, std::string{missing->name}, std::string{missing->checksum});
        transaction.commit();
        return true;
    }

    void make_table(pqxx::work& transaction) const {
        const auto& schema = connection_.options().schema;
        if (has_table(transaction, schema)) return;
        const auto is_there = transaction.exec_params1(
            "SELECT to_regnamespace(quote_ident($1)) IS NOT NULL", schema)[0];
        if (!is_there.as<bool>()) {
            transaction.exec("CREATE SCHEMA " + transaction.quote_name(schema));
        }
        transaction.exec(kMakeTable);
    }

    /// The migration, with the names of the schemas in place of psql's variables for them.
    [[nodiscard]] std::string text_of(const Migration& migration, pqxx::work& transaction) const {
        std::string text{migration.sql};
        replace_all(text, ":\"schema\"", transaction.quote_name(connection_.options().schema));
        replace_all(text, ":\"tables\"", transaction.quote_name(connection_.tables_schema()));
        return text;
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
