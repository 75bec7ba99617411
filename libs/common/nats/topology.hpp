#pragma once

#include "common/nats/jetstream.hpp"
#include "common/sources/source.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace events::config {
class EnvReader;
}

namespace events::nats {

/// The names of the contract's sections 4 and 5; those of a source's streams are in its
/// description.
inline constexpr const char* kDeadLetterStream = "EVENTS_DEAD";
inline constexpr const char* kDeadLetterOfGateway = "dead.gateway";
inline constexpr std::size_t kMaxMessageBytes = std::size_t{256} * 1024;

namespace headers {
inline constexpr const char* kMessageId = "Nats-Msg-Id";
inline constexpr const char* kCorrelationId = "X-Correlation-Id";
inline constexpr const char* kTraceparent = "traceparent";  ///< W3C; only where the sender traces
inline constexpr const char* kEventCount = "X-Event-Count";
inline constexpr const char* kReceivedAt = "X-Received-At";  ///< RFC 3339, when the gateway took it
inline constexpr const char* kContentEncoding = "Content-Encoding";  ///< of a compressed payload
inline constexpr const char* kReasonCode = "X-Reason-Code";
inline constexpr const char* kReason = "X-Reason";
inline constexpr const char* kPath = "X-Path";
inline constexpr const char* kFailedAt = "X-Failed-At";
inline constexpr const char* kOriginalBytes =
    "X-Original-Bytes";  ///< of a dead letter that was cut
}  // namespace headers

/// The stream that a message for the subject belongs into; nullptr for a subject that is not ours.
[[nodiscard]] const char* stream_of_subject(std::string_view subject) noexcept;

/// What an operator sets of the streams.
struct TopologyOptions {
    std::int64_t replicas = 1;
    std::int64_t stream_max_bytes = std::int64_t{4} << 30;
    std::int64_t dead_letter_max_bytes = std::int64_t{256} << 20;
    std::int64_t max_ack_pending = 10'000;
    std::chrono::milliseconds ack_wait{60'000};
};

/// STREAM_REPLICAS, STREAM_MAX_BYTES, DEAD_LETTER_MAX_BYTES, MAX_ACK_PENDING, ACK_WAIT_MS: gateway
/// and collectors read the same, since whoever comes first creates the streams.
[[nodiscard]] TopologyOptions read_topology_options(config::EnvReader& read);

[[nodiscard]] StreamConfig event_stream(Source source, const TopologyOptions& options);
[[nodiscard]] StreamConfig dead_letter_stream(const TopologyOptions& options);
/// The sources' and the dead letters'.
[[nodiscard]] std::vector<StreamConfig> all_streams(const TopologyOptions& options);
[[nodiscard]] ConsumerConfig event_consumer(Source source, const TopologyOptions& options);

}  // namespace events::nats
