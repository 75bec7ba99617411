#pragma once

#include "common/http/server.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/topology.hpp"
#include "common/retention/retention_days.hpp"
#include "common/service/daemon.hpp"
#include "gateway/access.hpp"
#include "gateway/in_flight.hpp"
#include "gateway/spool.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace events::gateway {

struct Config {
    service::DaemonConfig daemon;
    http::ServerOptions http;
    nats::ConnectionOptions nats;
    nats::TopologyOptions topology;
    AccessOptions access;
    std::uint64_t max_body_bytes = 0;  ///< of one request, also when it is unpacked
    InFlightOptions in_flight;
    std::size_t events_per_message = 0;
    bool compress = true;                ///< messages of events
    retention::RetentionDays retention;  ///< older events are refused
    SpoolOptions spool;
    std::chrono::milliseconds spool_adoption_interval{};
    bool ready_while_spooling = false;        ///< NATS may be away: the spool stands in for it
    std::chrono::milliseconds ack_timeout{};  ///< without a PubAck before a request is given up
    std::size_t worker_threads = 0;           ///< that parse large bodies
};

[[nodiscard]] Config read_config(config::EnvReader& read);

}  // namespace events::gateway
