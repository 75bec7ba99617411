#pragma once

#include "common/config/secret.hpp"
#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/error.hpp"
#include "common/nats/jetstream.hpp"
#include "support/await.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace events::nats::test {

[[nodiscard]] inline logging::Logger make_log() {
    return {"test", {.level = logging::Level::fatal}};
}

/// So that a machine that is busy for a moment is not taken for a server that hangs.
inline constexpr std::chrono::seconds kSeldom{20};

[[nodiscard]] inline ConnectionOptions fast_options(
    const std::string& url, std::chrono::milliseconds ping_interval = kSeldom) {
    return {.url = config::Secret{url},
            .name = "test",
            .reconnect_wait = std::chrono::milliseconds{50},
            .ping_interval = ping_interval};
}

/// Waits until another connection was made than the one of that generation, which may not have
/// ended yet.
[[nodiscard]] inline bool await_another(const Connection& connection, std::uint64_t generation) {
    return events::test::await(
        [&] { return connection.generation() > generation && connection.connected(); });
}

/// How many messages the stream has. Asks again when the server is too busy to answer in time.
[[nodiscard]] inline std::uint64_t messages_in(JetStream& jetstream, const std::string& stream) {
    std::uint64_t messages = 0;
    const auto ask = [&] {
        try {
            messages = jetstream.stream_info(stream).value().messages;
            return true;
        } catch (const Error&) {
            return false;
        }
    };
    if (!events::test::await(ask)) throw Error{stream, "nobody answers"};
    return messages;
}

/// What a daemon has: metrics, health and a connection that comes back soon.
struct Client {
    explicit Client(const std::string& url, std::chrono::milliseconds ping_interval = kSeldom)
        : connection{fast_options(url, ping_interval), make_log(), indicator} {}

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
