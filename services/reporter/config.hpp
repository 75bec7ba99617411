#pragma once

#include "common/http/server.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/pool.hpp"
#include "common/service/daemon.hpp"
#include "reporter/cache_options.hpp"

#include <cstddef>
#include <vector>

namespace events::reporter {

struct Config {
    service::DaemonConfig daemon;
    http::ServerOptions http;
    postgres::Options postgres;
    postgres::PoolOptions pool;
    CacheOptions cache;
    std::size_t threads;                 ///< of a report that counts many events
    std::vector<config::Secret> tokens;  ///< for /reports/*; none: they are for everybody
};

[[nodiscard]] Config read_config(config::EnvReader& read);

}  // namespace events::reporter
