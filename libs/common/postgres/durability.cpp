#include "common/postgres/durability.hpp"

#include "common/postgres/error.hpp"

namespace events::postgres {
namespace {

/// reset_val is what the session began with. Without synchronous standbys these two are as good as
/// "on".
constexpr auto kSettings =
    "SELECT reset_val, reset_val = 'off' OR reset_val IN ('local', 'remote_write') "
    "AND current_setting('synchronous_standby_names') <> '', current_setting('fsync') = 'off' "
    "FROM pg_settings WHERE name = 'synchronous_commit'";

}  // namespace

void warn_of_lost_commits(Connection& connection, const logging::Logger& log) {
    connection.guarded([&](Session& session) {
        const auto settings = pqxx::nontransaction{session}.exec1(kSettings);
        if (settings[1].as<bool>()) {
            log.warn(
                "synchronous_commit is too weak for this role, database or server: a crash "
                "would lose events. Our sessions set it on",
                {{"synchronous_commit", settings[0].as<std::string>()}});
        }
        if (settings[2].as<bool>()) {
            log.warn("fsync is off in the database: a crash of its machine loses events");
        }
    });
}

}  // namespace events::postgres
