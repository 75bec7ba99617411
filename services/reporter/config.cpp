#include "reporter/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t kPort = 3004;

postgres::PoolOptions read_pool_options(config::EnvReader& read) {
    return {
        .connections = static_cast<std::size_t>(
            read.integer("REPORT_CONNECTIONS", 4, {1, 64},
                         "connections to the database: the reports computed at one time")),
        .queue = static_cast<std::size_t>(
            read.integer("REPORT_QUEUE", 64, {1, 10'000},
                         "reports that wait for a connection; further ones get 503 at once")),
        .max_wait = read.milliseconds("REPORT_TIMEOUT_MS", 30s, {100ms, 1h},
                                      "how long a report may wait for a connection, and then how "
                                      "long its statement may take; beyond it: 503"),
        .ping_interval = read.milliseconds("REPORT_PING_INTERVAL_MS", 2s, {10ms, 10min},
                                           "how often an idle connection asks for a sign of life"),
    };
}

CacheOptions read_cache_options(config::EnvReader& read) {
    constexpr std::uint64_t kMiB = 1 << 20;
    return {
        .folder = read.text("CACHE_DIR", "cache",
                            "folder for copies of segments, so that reports need not fetch them "
                            "again; where it can not be used they are in memory only"),
        .max_file_bytes = read.bytes("CACHE_MAX_BYTES", 4096 * kMiB, {0, kMiB << 20},
                                     "bytes of segments in CACHE_DIR, about 40 an event; 0: none"),
        .max_memory = read.bytes("CACHE_MEMORY", 256 * kMiB, {0, kMiB << 20},
                                 "bytes of segments in memory: small ones, and all where CACHE_DIR "
                                 "takes none; with both 0 each report fetches them again"),
    };
}

/// Those that the process may use.
std::size_t cores() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, 64U);
}

}  // namespace

Config read_config(config::EnvReader& read) {
    Config config{
        .daemon = service::read_front_daemon_config(read),
        .http = http::read_server_options(read, kPort),
        .postgres = postgres::read_options(read, "reporter"),
        .pool = read_pool_options(read),
        .cache = read_cache_options(read),
        .threads = cores(),
        .tokens = read.keys("REPORT_TOKENS",
                            "bearer tokens for /reports/*, separated by commas or line breaks; "
                            "none: no token is asked for"),
    };
    if (const auto address = http::public_address(config.http); address && config.tokens.empty()) {
        read.warning("REPORT_TOKENS",
                     fmt::format("it is not set: whoever reaches {} may read reports", *address));
    }
    // The statements are so small that compiling their plan costs more than it saves.
    config.postgres.settings = "SET jit = off; SET max_parallel_workers_per_gather = 0";
    config.cache.max_wait = config.pool.max_wait;
    config.postgres.statement_timeout =
        std::min(config.postgres.statement_timeout, config.pool.max_wait);
    return config;
}

}  // namespace events::reporter
