#include "gateway/config.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace events::gateway {

using namespace std::chrono_literals;

namespace {

constexpr std::array<std::pair<std::string_view, bool>, 2> kCompressions{
    {{"zstd", true}, {"none", false}}};

}  // namespace

Config read_config(config::EnvReader& read) {
    constexpr std::uint64_t kMiB = 1 << 20;
    Config config{
        .daemon = service::read_front_daemon_config(read),
        .http = http::read_server_options(read, 3001),
        .nats = nats::read_connection_options(read, "gateway"),
        .topology = nats::read_topology_options(read),
        .access = read_access_options(read),
        .max_body_bytes = read.bytes("MAX_BODY_BYTES", 50 * kMiB, {1024, 1024 * kMiB},
                                     "the largest request body, also when it is unpacked"),
        .in_flight = {.max_bytes = read.bytes(
                          "MAX_INFLIGHT_BYTES", 128 * kMiB, {1024, 64 * 1024 * kMiB},
                          "bodies that may be in hand at one time; beyond it a request gets 503"),
                      .max_events = static_cast<std::uint64_t>(
                          read.integer("MAX_INFLIGHT_EVENTS", 500'000, {1, 100'000'000},
                                       "events in hand from which on a request gets 503"))},
        .events_per_message = static_cast<std::size_t>(
            read.integer("EVENTS_PER_MESSAGE", 100, {1, 10'000},
                         "the most events of one source and request in one JetStream message")),
        .compress = read.choice<bool>("MESSAGE_COMPRESSION", true, kCompressions,
                                      "of messages with several events: zstd, or none while "
                                      "collectors run that can't read it"),
        .retention = retention::read_days(read),
        .spool = {.folder = read.folder("SPOOL_DIR", "spool",
                                        "keeps events while JetStream can't take them; one gateway "
                                        "a folder, on a disk that outlives it"),
                  .max_bytes = read.bytes("SPOOL_MAX_BYTES", 4096 * kMiB, {kMiB, kMiB << 20},
                                          "disk space of the spool; a full one means 503"),
                  .instances = static_cast<std::size_t>(read.integer(
                      "SPOOL_INSTANCES", 0, {0, 1'000},
                      "so many gateways share SPOOL_DIR, each with a numbered folder in it, and "
                      "take over what ended ones left there; 0: the folder is one gateway's"))},
        .spool_adoption_interval = read.milliseconds(
            "SPOOL_ADOPTION_INTERVAL_MS", 30s, {100ms, 1h},
            "how often a gateway of several looks for what ended ones left in SPOOL_DIR"),
        .ready_while_spooling = read.boolean(
            "READY_WHILE_SPOOLING", false,
            "whether /readiness stays 200 without NATS, so that a load balancer goes on sending"),
        .ack_timeout = read.milliseconds("ACK_TIMEOUT_MS", 5s, {100ms, 60s},
                                         "how long a request waits without hearing from JetStream"),
        .worker_threads = static_cast<std::size_t>(
            read.integer("WORKER_THREADS", 2, {1, 64}, "threads that parse large requests")),
    };
    if (const auto address = http::public_address(config.http);
        address && config.access.is_open()) {
        read.warning("API_KEYS",
                     fmt::format("it is not set: whoever reaches {} may post events", *address));
    }
    config.nats.send_at_once = false;  // the publisher flushes its bursts
    if (config.in_flight.max_bytes < config.max_body_bytes) {
        read.problem("MAX_INFLIGHT_BYTES", std::to_string(config.in_flight.max_bytes),
                     "at least MAX_BODY_BYTES");
    }
    return config;
}

}  // namespace events::gateway
