#include "common/nats/topology.hpp"

#include "common/config/env_reader.hpp"

#include <utility>

namespace events::nats {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kPiB = std::int64_t{1} << 50;

std::int64_t read_bytes(config::EnvReader& read, std::string_view name, std::int64_t fallback,
                        std::string_view description) {
    return static_cast<std::int64_t>(
        read.bytes(name, static_cast<std::uint64_t>(fallback), {64 * kKiB, kPiB}, description));
}

}  // namespace

TopologyOptions read_topology_options(config::EnvReader& read) {
    const TopologyOptions fallback;
    return {
        .replicas = read.integer("STREAM_REPLICAS", fallback.replicas, {1, 5},
                                 "copies of each stream: 1, or 3 on a cluster"),
        .stream_max_bytes =
            read_bytes(read, "STREAM_MAX_BYTES", fallback.stream_max_bytes,
                       "disk space of each event stream; a full one refuses new messages"),
        .dead_letter_max_bytes =
            read_bytes(read, "DEAD_LETTER_MAX_BYTES", fallback.dead_letter_max_bytes,
                       "disk space of the dead letters; the oldest are dropped first"),
        .max_ack_pending =
            read.integer("MAX_ACK_PENDING", fallback.max_ack_pending, {1, 1'000'000},
                         "messages that all collectors of a source may hold unacknowledged"),
        .ack_wait = read.milliseconds("ACK_WAIT_MS", fallback.ack_wait,
                                      {milliseconds{100}, std::chrono::hours{1}},
                                      "after how long an unacknowledged message is sent again"),
    };
}

const char* stream_of_subject(std::string_view subject) noexcept {
    if (subject == kDeadLetterOfGateway) return kDeadLetterStream;
    for (const auto source : sources()) {
        if (subject == source.subject()) return source.stream();
        if (subject == source.dead_letter_subject()) return kDeadLetterStream;
    }
    return nullptr;
}

StreamConfig event_stream(Source source, const TopologyOptions& options) {
    return {
        .name = source.stream(),
        .subjects = {source.subject()},
        .retention = Retention::work_queue,
        .discard = Discard::new_messages,
        .max_bytes = options.stream_max_bytes,
        .replicas = options.replicas,
    };
}

StreamConfig dead_letter_stream(const TopologyOptions& options) {
    std::vector<std::string> subjects{kDeadLetterOfGateway};
    for (const auto source : sources()) subjects.emplace_back(source.dead_letter_subject());
    return {
        .name = std::string{kDeadLetterStream},
        .subjects = std::move(subjects),
        .retention = Retention::limits,
        .discard = Discard::old_messages,
        .max_bytes = options.dead_letter_max_bytes,
        .replicas = options.replicas,
    };
}

std::vector<StreamConfig> all_streams(const TopologyOptions& options) {
    std::vector<StreamConfig> streams;
    for (const auto source : sources()) streams.push_back(event_stream(source, options));
    streams.push_back(dead_letter_stream(options));
    return streams;
}

ConsumerConfig event_consumer(Source source, const TopologyOptions& options) {
    return {
        .stream = source.stream(),
        .durable = source.durable(),
        .ack_wait = options.ack_wait,
        .max_ack_pending = options.max_ack_pending,
    };
}

}  // namespace events::nats
