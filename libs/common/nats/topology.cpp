#include "common/nats/topology.hpp"

#include "common/config/env_reader.hpp"

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
    for (const auto& [name, source] : kSources) {
        if (subject == subject_of(source)) return stream_of(source);
        if (subject == dead_letter_subject_of(source)) return kDeadLetterStream;
    }
    return nullptr;
}

StreamConfig event_stream(Source source, const TopologyOptions& options) {
    return {
        .name = stream_of(source),
        .subjects = {subject_of(source)},
        .retention = Retention::work_queue,
        .discard = Discard::new_messages,
        .max_bytes = options.stream_max_bytes,
        .replicas = options.replicas,
    };
}

StreamConfig dead_letter_stream(const TopologyOptions& options) {
    return {
        .name = std::string{kDeadLetterStream},
        .subjects = {std::string{kDeadLetterOfGateway}, dead_letter_subject_of(Source::facebook),
                     dead_letter_subject_of(Source::tiktok)},
        .retention = Retention::limits,
        .discard = Discard::old_messages,
        .max_bytes = options.dead_letter_max_bytes,
        .replicas = options.replicas,
    };
}

std::vector<StreamConfig> all_streams(const TopologyOptions& options) {
    return {event_stream(Source::facebook, options), event_stream(Source::tiktok, options),
            dead_letter_stream(options)};
}

ConsumerConfig event_consumer(Source source, const TopologyOptions& options) {
    return {
        .stream = stream_of(source),
        .durable = durable_of(source),
        .ack_wait = options.ack_wait,
        .max_ack_pending = options.max_ack_pending,
    };
}

}  // namespace events::nats
