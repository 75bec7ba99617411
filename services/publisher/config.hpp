#pragma once

#include "common/http/server.hpp"
#include "common/service/daemon.hpp"
#include "publisher/publisher.hpp"

#include <cstdint>
#include <optional>

namespace events::publisher {

struct Config {
    service::DaemonConfig daemon;
    http::ServerOptions http;
    PublisherOptions
        publisher;  ///< but for seed, start time and clock, which follow from these two:
    std::optional<std::uint64_t> seed;
    std::optional<Timestamp> start_time;
};

[[nodiscard]] Config read_config(config::EnvReader& read);

/// What the publisher runs with: as configured, with a random seed and the present as the start
/// time where none is given.
[[nodiscard]] PublisherOptions publisher_options(const Config& config);

}  // namespace events::publisher
