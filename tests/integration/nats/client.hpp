#pragma once

#include "common/config/secret.hpp"
#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/jetstream.hpp"

#include <chrono>
#include <string>

namespace events::nats::test {

[[nodiscard]] inline logging::Logger make_log() {
    return {"test", {.level = logging::Level::fatal}};
}

[[nodiscard]] inline ConnectionOptions fast_options(const std::string& url) {
    return {.url = config::Secret{url},
            .name = "test",
            .reconnect_wait = std::chrono::milliseconds{50},
            .ping_interval = std::chrono::milliseconds{500}};
}

/// What a daemon has: metrics, health and a connection that comes back soon.
struct Client {
    explicit Client(const std::string& url)
        : connection{fast_options(url), make_log(), indicator} {}

    metrics::Registry metrics;
    health::Registry health{metrics};
    health::Indicator& indicator = health.add("nats");
    Connection connection;
    JetStream jetstream{connection};
};

[[nodiscard]] inline StreamConfig work_queue(std::int64_t max_bytes = 64 << 20) {
    return {.name = "WORK",
            .subjects = {"work"},
            .retention = Retention::work_queue,
            .discard = Discard::new_messages,
            .max_bytes = max_bytes};
}

}  // namespace events::nats::test
