#include "common/service/collector_daemon.hpp"
#include "fb-collector/facebook_store.hpp"

#include <span>

namespace {

using namespace events;

service::CollectorConfig read_config(config::EnvReader& read) {
    return service::read_collector_config(read, Source::facebook, "fb-collector", 3002);
}

int serve(const service::CollectorConfig& config, const logging::Logger& log,
          service::Shutdown& shutdown) {
    fb_collector::FacebookStore store{config.postgres};
    return service::serve_collector(config, Source::facebook, store, log, shutdown);
}

}  // namespace

int main(int argc, char** argv) {
    return service::run_daemon<service::CollectorConfig>(
        {.name = "fb-collector", .summary = "stores Facebook events from JetStream in PostgreSQL"},
        std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1), read_config,
        serve);
}
