#include "reporter/preparation.hpp"

#include "common/postgres/error.hpp"
#include "common/postgres/migrations.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"
#include "reporter/reports.hpp"

#include <chrono>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 5s;

}  // namespace

Preparation::Preparation(postgres::Options database, health::Indicator& indicator,
                         logging::Logger log, std::function<void(TimeZones)> done,
                         std::function<void()> refused)
    : database_{std::move(database)},
      indicator_{indicator},
      log_{std::move(log)},
      done_{std::move(done)},
      refused_{std::move(refused)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Preparation::~Preparation() {
    stop();
}

void Preparation::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Preparation::run(const std::stop_token& stop) {
    postgres::Connection connection{database_, {}};
    retry::Backoff backoff{kFirstPause, kLongestPause};
    while (!stop.stop_requested()) {
        TimeZones zones;
        const auto outcome = attempt(connection, zones, stop);
        if (outcome == Outcome::try_again) {
            retry::pause(backoff.next(), stop);
            continue;
        }
        was_refused_ = outcome == Outcome::refused;
        if (was_refused_) {
            refused_();
        } else {
            done_(std::move(zones));
        }
        return;
    }
}

Preparation::Outcome Preparation::attempt(postgres::Connection& connection, TimeZones& zones,
                                          const std::stop_token& stop) {
    try {
        postgres::migrate(
            connection, postgres::embedded_migrations(), log_,
            {.stop = stop, .state = [this](std::string_view state) { indicator_.down(state); }});
        zones = read_time_zones(connection);
        log_.info("the database is prepared");
        return Outcome::done;
    } catch (const postgres::MigrationPending& pending) {
        indicator_.down(pending.what());
        log_.warn("waits for a migration", {{"err", pending.what()}});
        return Outcome::try_again;
    } catch (const postgres::Unavailable& error) {
        indicator_.down(postgres::readiness_of(error));
        log_.warn("the database can not be prepared yet", {{"err", error.what()}});
        return Outcome::try_again;
    } catch (const std::exception& error) {
        log_.fatal("the database can not be used", {{"err", error.what()}});
        return Outcome::refused;
    }
}

}  // namespace events::reporter
