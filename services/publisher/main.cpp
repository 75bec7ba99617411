#include "common/health/registry.hpp"
#include "common/http/operations.hpp"
#include "common/http/server.hpp"
#include "common/service/daemon.hpp"
#include "publisher/config.hpp"
#include "publisher/publisher.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <thread>
#include <utility>

namespace {

using namespace events;

int serve(const publisher::Config& config, const logging::Logger& log,
          service::Shutdown& shutdown) {
    // Declared in start order, destroyed in the reverse order.
    metrics::Registry metrics;
    health::Registry health{metrics};
    const publisher::Probe probe{metrics, log};
    publisher::GatewayWatch gateway{config.publisher.sender.endpoint, health.add("gateway"), log};
    http::Router router;
    http::add_operations_routes(router, health, metrics);
    http::Server server{config.http, std::move(router), log, metrics};
    publisher::Publisher run{publisher::publisher_options(config), gateway, probe,
                             [&shutdown] { shutdown.request(); }};
    health.started();

    shutdown.wait();
    health.draining();
    const auto stop_asked = std::chrono::steady_clock::now();
    const auto summary = run.stop(shutdown.deadline());
    probe.stopped(summary);
    // Nobody balances load onto a publisher; the delay lets a scraper read the last figures.
    std::this_thread::sleep_until(std::min(stop_asked + shutdown.delay(), shutdown.deadline()));
    server.drain(shutdown.deadline());
    return summary.lost == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    return service::run_daemon<publisher::Config>(
        {.name = "publisher",
         .summary = "generates marketing events and posts them to the gateway"},
        std::span{argv, static_cast<std::size_t>(argc)}.subspan(1), &publisher::read_config,
        &serve);
}
