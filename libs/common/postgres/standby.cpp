#include "common/postgres/standby.hpp"

#include <fmt/format.h>

#include <utility>

namespace events::postgres {

using namespace std::chrono_literals;

std::string awaited_standby(Options options) {
    options.application_name += " watch";
    options.connect_timeout = 2s;
    options.statement_timeout = 2s;
    options.answer_timeout = 5s;
    Connection connection{std::move(options), {}};
    return connection.transact([](pqxx::work& work) -> std::string {
        const auto rows = work.exec(
            "SELECT current_setting('synchronous_standby_names') WHERE EXISTS ("
            "SELECT FROM pg_stat_activity WHERE usename = current_user "
            "AND datname = current_database() AND wait_event = 'SyncRep')");
        if (rows.empty()) return {};
        return fmt::format("synchronous_standby_names is '{}', and no such standby confirms it",
                           rows[0][0].as<std::string>());
    });
}

}  // namespace events::postgres
