#include "costs.hpp"

#include "bare_postgres.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/facebook.hpp"
#include "common/sources/tiktok.hpp"
#include "drain.hpp"
#include "json_parsing.hpp"
#include "load_client.hpp"
#include "paths.hpp"
#include "suite.hpp"
#include "support/await.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace events::bench {
namespace {

using namespace std::chrono_literals;

constexpr double kCpuTolerance = 0.15;
constexpr double kInstructionTolerance = 0.03;

/// Microseconds of a process per event, by run.
using Microseconds = std::map<std::string, Samples>;

double per_event(const CpuTimes& cpu, const std::string& process, std::uint64_t events) {
    const std::chrono::duration<double, std::micro> time = cpu.at(process);
    return time.count() / static_cast<double>(events);
}

void measure_gateway(test::PostgresCluster& cluster, Microseconds& found) {
    for (const std::size_t events : {100U, 1'000U}) {
        Suite suite{cluster};
        suite.start("gateway");
        const auto cpu = suite.cpu_times();
        const auto figures = post_events({.port = suite.gateway_port(),
                                          .events_per_post = events,
                                          .connections = 8,
                                          .duration = 1s});
        const auto took = spent(cpu, suite.cpu_times());
        if (!figures.failures.empty()) throw std::runtime_error{figures.describe_failures()};
        found[fmt::format("gateway, {} a POST", events)].add(
            per_event(took, "gateway", figures.events));
    }
}

void measure_collectors(test::PostgresCluster& cluster, Microseconds& found) {
    Suite suite{cluster};
    suite.prepare();
    const auto filled = fill(suite, 60'000);
    for (const auto source : {kFacebook, kTikTok}) {
        const std::string daemon = source.durable();
        const auto figures = drain(suite, {source}, 1);
        found[daemon + ", draining"].add(per_event(figures.cpu, daemon, figures.events));
    }
    if (suite.stack().stored_rows() != filled) throw std::runtime_error{"rows are lost"};
}

void measure_publisher(test::PostgresCluster& cluster, Microseconds& found) {
    Suite suite{cluster};
    suite.start("gateway");
    suite.start("publisher",
                {{"MIN_EVENTS", "1000"}, {"MAX_EVENTS", "1000"}, {"INTERVAL_MS", "0"}});
    const auto published = [&] {
        return suite.stack().metric("publisher", "published_events_total");
    };
    if (!test::await([&] { return published() > 0; })) throw std::runtime_error{"nothing came"};
    const auto events = published();
    const auto cpu = suite.cpu_times();
    std::this_thread::sleep_for(1s);
    const auto took = spent(cpu, suite.cpu_times());
    found["publisher, 1000 a POST"].add(
        per_event(took, "publisher", static_cast<std::uint64_t>(published() - events)));
    suite.stop("publisher");  // while there is a gateway for what is in flight
}

void measure_reporter(test::PostgresCluster& cluster, Microseconds& found) {
    constexpr std::uint64_t kRequests = 500;
    Suite suite{cluster};
    suite.prepare();
    suite.start("reporter");
    auto client = suite.stack().new_client("reporter");
    const auto ask = [&](std::uint64_t times) {
        for (std::uint64_t i = 0; i < times; ++i) {
            const auto answer = client.send({.target = "/reports/events"}, 10s);
            if (!answer || answer->status != 200) throw std::runtime_error{"no report"};
        }
    };
    ask(kRequests / 10);  // connections are made, statements prepared
    const auto cpu = suite.cpu_times();
    ask(kRequests);
    const auto took = spent(cpu, suite.cpu_times());
    found["reporter, a request"].add(per_event(took, "reporter", kRequests));
}

void count_paths(test::PostgresCluster& cluster, Costs& costs) {
    const auto database = cluster.make_database();
    migrate(database);
    for (const auto* path : {"gateway", "facebook", "tiktok"}) {
        costs[fmt::format("instructions of an event, {}", path)] = {
            count_instructions(path, database), kInstructionTolerance};
    }
}

}  // namespace

Costs measure_costs(test::PostgresCluster& cluster, int runs) {
    Microseconds found;
    Samples calibration;
    for (int run = 0; run < runs; ++run) {
        fmt::print("run {} of {}\n", run + 1, runs);
        std::fflush(stdout);
        for (auto* measure :
             {&measure_gateway, &measure_collectors, &measure_publisher, &measure_reporter}) {
            calibration.add(microseconds_per_event(time_simdjson(100ms)));
            measure(cluster, found);
        }
    }
    Costs costs;
    for (const auto& [name, samples] : found) {
        costs["cpu of " + name] = {samples.median() / calibration.median(), kCpuTolerance};
    }
    fmt::print("counting instructions\n");
    count_paths(cluster, costs);
    return costs;
}

}  // namespace events::bench
