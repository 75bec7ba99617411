#include "gateway/shipment.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "gateway/packing.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace events::gateway {
namespace {

constexpr std::size_t kIdSize = 32;  ///< of nats::message_id()
/// Below some 20 events compressing costs more than the broker's work for the bytes that it saves
/// (docs/performance.md).
constexpr std::size_t kSmallestCompressed = 8 * 1024;

std::string received_at(const Shipment& shipment) {
    return format_timestamp(
        std::chrono::time_point_cast<std::chrono::microseconds>(shipment.received));
}

/// `encoding`: empty for a plain payload.
std::array<nats::HeaderField, 6> event_fields(const Shipment& shipment, std::string message_id,
                                              std::size_t events, const std::string& received_at,
                                              std::string_view encoding) {
    return {{{nats::headers::kMessageId, std::move(message_id)},
             {nats::headers::kCorrelationId, shipment.correlation_id},
             {nats::headers::kTraceparent, shipment.traceparent},
             {nats::headers::kEventCount, std::to_string(events)},
             {nats::headers::kReceivedAt, received_at},
             {nats::headers::kContentEncoding, std::string{encoding}}}};
}

/// What is sent in place of the payload; empty: the payload itself.
std::string_view compressed(const Shipment& shipment, std::string_view payload) {
    if (!shipment.compress || payload.size() < kSmallestCompressed) return {};
    thread_local Compressor compressor;
    return compressor.compress(payload);
}

void for_each_packed(const Shipment& shipment, const std::function<void(const Message&)>& take) {
    const auto received = received_at(shipment);
    const auto room = shipment.room_for_events();
    const auto& accepted = shipment.body.accepted;
    pack(accepted, shipment.events_per_message, room, [&](const PackedMessage& message) {
        // Of the plain bytes: the same events have the same id, however they are sent.
        auto id = nats::message_id({message.payload});
        const auto smaller = compressed(shipment, message.payload);
        const auto fields = event_fields(shipment, std::move(id), message.events, received,
                                         smaller.empty() ? std::string_view{} : kZstd);
        take({.subject = message.source.subject(),
              .headers = fields,
              .payload = smaller.empty() ? message.payload : smaller,
              .cargo = {.events = message.events, .source = message.source}});
    });
}

void make_dead_letter(const Shipment& shipment, const RejectedEvent& event,
                      const std::function<void(const Message&)>& take) {
    const auto place = std::to_string(event.index);
    const nats::DeadLetter letter{.subject = nats::kDeadLetterOfGateway,
                                  .raw = event.json,
                                  .code = to_string(event.why.code),
                                  .reason = event.why.message,
                                  .path = event.why.path,
                                  .correlation_id = shipment.correlation_id,
                                  .traceparent = shipment.traceparent,
                                  .discriminator = place,
                                  .max_payload = shipment.max_payload};
    const auto fields = nats::headers_of(letter, shipment.received);
    take({.subject = letter.subject,
          .headers = fields,
          .payload = nats::payload_of(letter, fields),
          .cargo = {.dead_letter = &event}});
}

}  // namespace

std::size_t Shipment::room_for_events() const {
    const auto longest = event_fields(*this, std::string(kIdSize, '0'), events_per_message,
                                      received_at(*this), compress ? kZstd : std::string_view{});
    const auto taken = std::min(nats::header_bytes(longest), max_payload);
    return std::min(nats::kMaxMessageBytes, max_payload - taken);
}

void Shipment::for_each(const std::function<void(const Message&)>& take) const {
    for_each_packed(*this, take);
    for (const auto& event : body.rejected) make_dead_letter(*this, event, take);
}

}  // namespace events::gateway
