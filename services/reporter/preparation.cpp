#include "reporter/preparation.hpp"

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

Preparation::Preparation(postgres::Options database, logging::Logger log,
                         std::function<void(TimeZones)> done, std::function<void()> refused)
    : database_{std::move(database)},
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
        const auto outcome = attempt(connection, zones);
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

Preparation::Outcome Preparation::attempt(postgres::Connection& connection, TimeZones& zones) {
    try {
        postgres::migrate(connection, postgres::embedded_migrations(), log_);
        zones = read_time_zones(connection);
        log_.info("the database is prepared");
        return Outcome::done;
    } catch (const postgres::Unavailable& error) {
        log_.warn("the database can not be prepared yet", {{"err", error.what()}});
        return Outcome::try_again;
    } catch (const std::exception& error) {
        log_.fatal("the database is not one of ours", {{"err", error.what()}});
        return Outcome::refused;
    }
}

}  // namespace events::reporter
