#include "reporter/warmer.hpp"

#include "common/postgres/cancel_on_stop.hpp"
#include "common/retry/backoff.hpp"
#include "common/retry/pause.hpp"

#include <utility>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr auto kInterval = 1s;
constexpr auto kLongestRetry = 10s;

}  // namespace

Warmer::Warmer(postgres::Options database, Snapshots& snapshots, logging::Logger log)
    : database_{std::move(database)}, snapshots_{snapshots}, log_{std::move(log)} {}

void Warmer::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Warmer::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Warmer::run(const std::stop_token& stop) {
    postgres::Connection connection{database_, {}};
    const postgres::CancelOnStop cancel{stop, connection.interrupter()};
    retry::Backoff backoff{kInterval, kLongestRetry};
    bool told = false;
    while (!stop.stop_requested()) {
        std::chrono::nanoseconds pause = kInterval;
        try {
            const bool has_more =
                connection.read([&](auto& transaction) { return snapshots_.warm(transaction); });
            backoff.reset();
            told = false;
            if (has_more) continue;
        } catch (const std::exception& error) {
            if (stop.stop_requested()) return;
            if (!std::exchange(told, true)) {
                log_.warn("the cache is not filled ahead of reports", {{"err", error.what()}});
            }
            pause = backoff.next();
        }
        retry::pause(pause, stop);
    }
}

}  // namespace events::reporter
