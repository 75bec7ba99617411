// A collector is its source's description and a port: CMake's events_collector() gives both.

#include "common/service/collector_daemon.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace {

using namespace events;

int run(Source source, std::span<const char* const> arguments) {
    const auto summary =
        fmt::format("stores {} events from JetStream in PostgreSQL", source.title());
    return service::run_daemon<service::CollectorConfig>(
        {.name = source.durable(), .summary = summary}, arguments,
        [source](config::EnvReader& read) {
            return service::read_collector_config(read, source, EVENTS_COLLECTOR_PORT);
        },
        [source](const service::CollectorConfig& config, const logging::Logger& log,
                 service::Shutdown& shutdown) {
            return service::serve_collector(config, source, log, shutdown);
        });
}

}  // namespace

int main(int argc, char** argv) {
    const auto source = find_source(EVENTS_COLLECTOR_SOURCE);
    if (!source) {
        fmt::print(stderr, "there is no source {}\n", EVENTS_COLLECTOR_SOURCE);
        return EXIT_FAILURE;
    }
    return run(*source,
               std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1));
}
