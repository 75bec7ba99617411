#include "dlq/letter.hpp"

#include "common/events/time.hpp"
#include "common/nats/stream_reader.hpp"
#include "common/nats/topology.hpp"
#include "common/sources/source.hpp"

#include <fmt/format.h>

#include <charconv>

namespace events::dlq {
namespace {

constexpr std::string_view kGateway = "gateway";

}  // namespace

const char* find_subject(std::string_view giver) noexcept {
    if (giver == kGateway) return nats::kDeadLetterOfGateway;
    const auto source = find_source(giver);
    return source ? source->dead_letter_subject() : nullptr;
}

std::string giver_names() {
    return fmt::format("{}|{}", kGateway, source_names("|"));
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
    Letter letter;
    letter.sequence = message.sequence();
    letter.subject = message.subject();
    letter.failed_at = std::chrono::time_point_cast<std::chrono::microseconds>(message.stored_at());
    letter.bytes = message.size();
    letter.raw = message.payload();
    read_headers(letter, [&](const char* name) { return message.header(name); });
    return letter;
}

void read_headers(Letter& letter, const HeaderLookup& header) {
    const auto text = [&](const char* name) { return std::string{header(name).value_or("")}; };
    letter.code = text(nats::headers::kReasonCode);
    letter.reason = text(nats::headers::kReason);
    letter.path = text(nats::headers::kPath);
    letter.correlation_id = text(nats::headers::kCorrelationId);
    letter.traceparent = text(nats::headers::kTraceparent);
    letter.message_id = text(nats::headers::kMessageId);
    letter.received_at = parse_timestamp(text(nats::headers::kReceivedAt));
    if (const auto time = parse_timestamp(text(nats::headers::kFailedAt))) letter.failed_at = *time;
    const auto original = text(nats::headers::kOriginalBytes);
    std::uint64_t bytes = 0;
    const auto* end = original.data() + original.size();
    if (const auto [rest, error] = std::from_chars(original.data(), end, bytes);
        error == std::errc{} && rest == end) {
        letter.original_bytes = bytes;
    }
}

}  // namespace events::dlq
