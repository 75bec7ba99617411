#include "dlq/letter.hpp"

#include "common/events/time.hpp"
#include "common/nats/stream_reader.hpp"
#include "common/nats/topology.hpp"

#include <charconv>

namespace events::dlq {

std::string subject_of(Origin origin) {
    switch (origin) {
        case Origin::facebook:
            return nats::dead_letter_subject_of(Source::facebook);
        case Origin::tiktok:
            return nats::dead_letter_subject_of(Source::tiktok);
        case Origin::gateway:
            break;
    }
    return nats::kDeadLetterOfGateway;
}

std::optional<RejectionCode> parse_code(std::string_view name) noexcept {
    // What the two of them can find wrong is all there is.
    for (const auto code : kGatewayRejections) {
        if (to_string(code) == name) return code;
    }
    for (const auto code : kCollectorRejections) {
        if (to_string(code) == name) return code;
    }
    return std::nullopt;
}

Letter letter_of(const nats::StoredMessage& message) {
    const auto text = [&](const char* name) {
        return std::string{message.header(name).value_or("")};
    };
    Letter letter{
        .sequence = message.sequence(),
        .subject = std::string{message.subject()},
        .failed_at = std::chrono::time_point_cast<std::chrono::microseconds>(message.stored_at()),
        .code = text(nats::headers::kReasonCode),
        .reason = text(nats::headers::kReason),
        .path = text(nats::headers::kPath),
        .correlation_id = text(nats::headers::kCorrelationId),
        .traceparent = text(nats::headers::kTraceparent),
        .message_id = text(nats::headers::kMessageId),
        .original_bytes = std::nullopt,
        .received_at = parse_timestamp(text(nats::headers::kReceivedAt)),
        .bytes = message.size(),
        .raw = std::string{message.payload()},
    };
    if (const auto time = parse_timestamp(text(nats::headers::kFailedAt))) letter.failed_at = *time;
    const auto original = text(nats::headers::kOriginalBytes);
    std::uint64_t bytes = 0;
    const auto* end = original.data() + original.size();
    if (const auto [rest, error] = std::from_chars(original.data(), end, bytes);
        error == std::errc{} && rest == end) {
        letter.original_bytes = bytes;
    }
    return letter;
}

}  // namespace events::dlq
