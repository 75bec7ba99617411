#include "common/clock/comparison.hpp"
#include "common/http/operations.hpp"
#include "common/postgres/server_clock.hpp"
#include "reporter/access.hpp"
#include "reporter/assets.hpp"
#include "reporter/config.hpp"
#include "reporter/preparation.hpp"
#include "reporter/reports.hpp"
#include "reporter/source_catalogue.hpp"
#include "reporter/warmer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <thread>
#include <utility>

namespace {

using namespace events;

/// Of the shutdown's grace, for the answers to the reports that are cancelled at its end: a
/// quarter, at most this.
constexpr std::chrono::milliseconds kLastWords{5'000};

constexpr service::Description kDescription{
    .name = "reporter", .summary = "answers reports about the stored events over HTTP"};

int serve(const reporter::Config& config, const logging::Logger& log, service::Shutdown& shutdown) {
    // Declared in start order, destroyed in the reverse order.
    metrics::Registry metrics;
    health::Registry health{metrics};
    auto& database = health.add("postgres");
    clock::Comparison database_time{"postgres", log, metrics};
    auto database_options = config.postgres;
    database_options.server_clock = &database_time;
    const postgres::ServerClock database_clock{database_options, log};
    // Until the database is prepared, the indicator is the preparation's.
    auto pool_options = config.pool;
    pool_options.paused = true;
    postgres::Pool pool{database_options, {}, pool_options, database, log};
    reporter::Snapshots snapshots{config.cache, metrics, log};
    reporter::ScanExecutor scans{{.queue = config.pool.queue, .max_wait = config.pool.max_wait}};
    reporter::Reports reports{pool, snapshots, scans, config.threads, metrics, log};
    reporter::Access access{config.tokens, metrics, log};

    http::Router router;
    http::add_operations_routes(router, health, metrics);
    reports.add_routes(router, access.admission());
    reporter::add_catalogue_route(router, access.admission());
    reporter::add_asset_routes(router);
    http::Server server{config.http, std::move(router), log, metrics};

    reporter::Warmer warmer{config.postgres, snapshots, log};
    const auto prepared = [&](reporter::TimeZones zones) {
        pool.start();
        warmer.start();
        reports.open(std::move(zones));
        health.started();
    };
    const auto refused = [&shutdown] { shutdown.request(); };
    reporter::Preparation preparation{config.postgres, database, log, prepared, refused};

    shutdown.wait();
    health.draining();
    preparation.stop();
    warmer.stop();
    std::this_thread::sleep_for(shutdown.delay());
    // Reports that still run near the end of the grace are cancelled, and answered 503.
    const auto last_words =
        std::min<std::chrono::milliseconds>(kLastWords, config.daemon.shutdown.grace / 4);
    if (!server.quiesce(shutdown.deadline() - last_words)) {
        scans.stop();
        pool.stop();
    }
    if (!server.drain(shutdown.deadline() - last_words / 4)) log.warn("left reports unanswered");
    // While the server's executor lives: it resumes what waited.
    scans.stop();
    pool.stop();
    return preparation.was_refused() ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return service::run_daemon<reporter::Config>(
        kDescription, {argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)},
        &reporter::read_config, &serve);
}
