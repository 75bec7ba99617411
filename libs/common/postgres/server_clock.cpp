#include "common/postgres/server_clock.hpp"

#include "common/retry/pause.hpp"

#include <pqxx/pqxx>

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

namespace events::postgres {
namespace {

constexpr std::chrono::seconds kInterval{60};

}  // namespace

void compare_clocks(Session& session, clock::Comparison& comparison) {
    const auto before = clock::now();
    const auto rows = pqxx::nontransaction{session}.exec(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
    const auto after = clock::now();
    const Timestamp theirs{std::chrono::microseconds{rows[0][0].as<std::int64_t>()}};
    comparison.note({.before = before, .theirs = theirs, .after = after});
}

ServerClock::ServerClock(Options options, logging::Logger log)
    : options_{std::move(options)},
      log_{std::move(log)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void ServerClock::run(const std::stop_token& stop) {
    while (retry::pause(kInterval, stop)) {
        try {
            Connection{options_, {}}.ping();
        } catch (const std::exception& error) {
            log_.debug("the database's time is not known", {{"err", error.what()}});
        }
    }
}

}  // namespace events::postgres
