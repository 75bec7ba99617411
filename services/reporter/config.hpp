#pragma once

#include "common/http/server.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/pool.hpp"
#include "common/service/daemon.hpp"

namespace events::reporter {

struct Config {
    service::DaemonConfig daemon;
    http::ServerOptions http;
    postgres::Options database;
    postgres::PoolOptions pool;
};

[[nodiscard]] Config read_config(config::EnvReader& read);

}  // namespace events::reporter
