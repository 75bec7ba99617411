#include "common/service/collector_daemon.hpp"
#include "ttk-collector/tiktok_store.hpp"

#include <span>

namespace {

using namespace events;

service::CollectorConfig read_config(config::EnvReader& read) {
    return service::read_collector_config(read, Source::tiktok, "ttk-collector", 3003);
}

int serve(const service::CollectorConfig& config, const logging::Logger& log,
          service::Shutdown& shutdown) {
    ttk_collector::TikTokStore store{config.postgres};
    return service::serve_collector(config, Source::tiktok, store, log, shutdown);
}

}  // namespace

int main(int argc, char** argv) {
    return service::run_daemon<service::CollectorConfig>(
        {.name = "ttk-collector", .summary = "stores TikTok events from JetStream in PostgreSQL"},
        std::span<const char* const>{argv, static_cast<std::size_t>(argc)}.subspan(1), read_config,
        serve);
}
