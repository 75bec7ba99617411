#include "common/service/migrate_command.hpp"

#include "common/postgres/migrations.hpp"

#include <cstdlib>

namespace events::service {

int migrate_database(const postgres::Options& database, const logging::Logger& log) {
    try {
        postgres::Connection connection{database, {}};
        postgres::migrate(connection, postgres::embedded_migrations(), log);
        log.info("no migration is missing",
                 {{"migrations", postgres::embedded_migrations().size()}});
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        log.fatal("the database could not be migrated", {{"err", error.what()}});
        return EXIT_FAILURE;
    }
}

}  // namespace events::service
