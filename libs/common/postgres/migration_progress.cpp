#include "common/postgres/migration_progress.hpp"

#include "common/postgres/cancel_on_stop.hpp"
#include "common/retry/pause.hpp"

#include <fmt/format.h>

#include <utility>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// For a question that only makes the log richer.
Options impatient(Options options) {
    options.application_name += " progress";
    options.connect_timeout = 2s;
    options.statement_timeout = 2s;
    options.answer_timeout = 3s;
    return options;
}

constexpr auto kSituation =
    "SELECT CASE WHEN wait_event_type = 'Lock' THEN "
    "         format('waits for a lock that process %s holds', "
    "                array_to_string(pg_blocking_pids(pid), ', ')) "
    "       WHEN index.pid IS NOT NULL THEN "
    "         format('%s, %s of %s blocks', phase, blocks_done, blocks_total) "
    "       ELSE 'works' END "
    "FROM pg_stat_activity LEFT JOIN pg_stat_progress_create_index AS index USING (pid) "
    "WHERE pid = $1";

std::string situation_of(Connection& connection, int backend) {
    try {
        return connection.read([&](auto& transaction) {
            const auto rows = transaction.exec_params(kSituation, backend);
            return rows.empty() ? std::string{"has ended"} : rows[0][0].template as<std::string>();
        });
    } catch (const std::exception&) {
        return "not known";  // no connection is free, or the like: the migration says what is wrong
    }
}

}  // namespace

MigrationProgress::MigrationProgress(const Options& database, Subject subject,
                                     std::chrono::milliseconds every, const logging::Logger& log,
                                     const State& state)
    : subject_{std::move(subject)},
      every_{every},
      log_{log},
      state_{state},
      database_{impatient(database)} {
    log_.info("applying a migration", {{"migration", subject_.migration}});
    if (state_) state_("migrating: " + subject_.migration);
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void MigrationProgress::run(const std::stop_token& stop) {
    const auto started = Clock::now();
    while (retry::pause(every_, stop)) {
        Connection connection{database_, {}};
        const CancelOnStop cancel{stop, connection.interrupter()};
        const auto situation = situation_of(connection, subject_.backend);
        if (stop.stop_requested()) return;
        const auto seconds =
            std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started).count();
        log_.info(
            "the migration goes on",
            {{"migration", subject_.migration}, {"seconds", seconds}, {"situation", situation}});
        if (state_) {
            state_(
                fmt::format("migrating: {} for {} s: {}", subject_.migration, seconds, situation));
        }
    }
}

}  // namespace events::postgres
