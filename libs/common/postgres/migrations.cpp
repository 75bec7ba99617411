#include "common/postgres/migrations.hpp"

#include "common/postgres/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace events::postgres {
namespace {

/// The advisory lock of all our migrations; any number that other users of the database don't use.
constexpr auto kLock = "SELECT pg_advisory_lock(4957018823901)";

struct Applied {
    std::string name;
    std::string checksum;
};

/// A standby, or a role or database that is set so.
bool is_read_only(Session& connection) {
    pqxx::nontransaction transaction{connection};
    return transaction.exec1("SHOW transaction_read_only")[0].as<std::string>() == "on";
}

void make_table(Session& connection) {
    pqxx::work transaction{connection};
    // IF NOT EXISTS alone would not bear two sessions at once; the lock is held here.
    transaction.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations ("
        "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT now())");
    transaction.commit();
}

std::map<int, Applied> read_applied(Session& connection) {
    pqxx::work transaction{connection};
    const auto rows = transaction.exec("SELECT number, name, checksum FROM schema_migrations");
    transaction.commit();
    std::map<int, Applied> applied;
    for (const auto& row : rows) {
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

/// Where nothing can be written, another daemon has to, and it may take until that is seen here.
void await_others(Session& connection, std::span<const Migration> migrations) {
    std::map<int, Applied> applied;
    if (pqxx::nontransaction{connection}
            .exec1("SELECT to_regclass('schema_migrations') IS NOT NULL")[0]
            .as<bool>()) {
        applied = read_applied(connection);
    }
    check(applied, migrations);
    for (const auto& migration : migrations) {
        if (applied.contains(migration.number)) continue;
        throw Unavailable{fmt::format("the database is read-only here and has no migration {} yet",
                                      migration.name)};
    }
}

void apply(Session& connection, const Migration& migration) {
    pqxx::work transaction{connection};
    transaction.exec(std::string{migration.sql});
    transaction.exec_params(
        "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
        migration.number, std::string{migration.name}, std::string{migration.checksum});
    transaction.commit();
}

/// Ends the session with the scope, and with it the lock and the lifted timeout, whatever happens.
struct CloseAtEnd {
    explicit CloseAtEnd(Connection& lent) : connection{lent} { connection.close(); }
    ~CloseAtEnd() { connection.close(); }
    CloseAtEnd(const CloseAtEnd&) = delete;
    CloseAtEnd& operator=(const CloseAtEnd&) = delete;

    Connection& connection;
};

}  // namespace

void migrate(Connection& connection, std::span<const Migration> migrations,
             const logging::Logger& log) {
    const CloseAtEnd session{connection};
    connection.guarded([&](Session& database) {
        if (is_read_only(database)) return await_others(database, migrations);
        // A migration, or the wait for another daemon's, takes as long as it takes.
        pqxx::nontransaction{database}.exec("SET statement_timeout = 0");
        pqxx::nontransaction{database}.exec(kLock);
        make_table(database);
        const auto applied = read_applied(database);
        check(applied, migrations);
        for (const auto& migration : migrations) {
            if (applied.contains(migration.number)) continue;
            log.info("applying a migration", {{"migration", migration.name}});
            apply(database, migration);
        }
    });
}

}  // namespace events::postgres
