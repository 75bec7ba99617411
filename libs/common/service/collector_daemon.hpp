#pragma once

#include "common/collector/options.hpp"
#include "common/collector/retention.hpp"
#include "common/collector/segment_keeper.hpp"
#include "common/http/server.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/topology.hpp"
#include "common/postgres/connection.hpp"
#include "common/service/daemon.hpp"
#include "common/sources/source.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace events::service {

/// The configuration of a collector, whatever its source.
struct CollectorConfig {
    DaemonConfig daemon;
    http::ServerOptions http;
    nats::ConnectionOptions nats;
    nats::TopologyOptions topology;
    postgres::Options postgres;
    std::size_t batch_size = 0;
    std::chrono::milliseconds batch_wait{};
    collector::BufferOptions buffers;
    collector::SegmentKeeperOptions segments;
    collector::RetentionOptions retention;
};

[[nodiscard]] CollectorConfig read_collector_config(config::EnvReader& read, Source source,
                                                    std::uint16_t default_port);

/// Builds the collector of `source`, runs it until the shutdown, and returns the exit code: not
/// zero when the database was made by other migrations.
int serve_collector(const CollectorConfig& config, Source source, const logging::Logger& log,
                    Shutdown& shutdown);

}  // namespace events::service
