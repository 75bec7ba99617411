#include "reporter/preparation.hpp"

#include "common/postgres/migrations.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstPause = 100ms;
constexpr std::chrono::milliseconds kLongestPause = 5s;

/// Doubling pauses, each between a half and the whole of its step, so that daemons which lost the
/// database together don't come back together.
class Backoff {
  public:
    std::chrono::milliseconds next() {
        std::uniform_int_distribution<std::int64_t> pick{step_.count() / 2, step_.count()};
        step_ = std::min(step_ * 2, kLongestPause);
        return std::chrono::milliseconds{pick(random_)};
    }

  private:
    std::chrono::milliseconds step_ = kFirstPause;
    std::mt19937 random_{std::random_device{}()};
};

/// Waits; a request to stop ends it early.
void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Preparation::Preparation(postgres::Options database, logging::Logger log,
                         std::function<void()> done, std::function<void()> refused)
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
    Backoff backoff;
    while (!stop.stop_requested()) {
        const auto outcome = attempt(connection);
        if (outcome == Outcome::try_again) {
            pause(stop, backoff.next());
            continue;
        }
        was_refused_ = outcome == Outcome::refused;
        (was_refused_ ? refused_ : done_)();
        return;
    }
}

Preparation::Outcome Preparation::attempt(postgres::Connection& connection) {
    try {
        postgres::migrate(connection, postgres::embedded_migrations(), log_);
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
