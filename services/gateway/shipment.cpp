#include "gateway/shipment.hpp"

#include "common/events/time.hpp"
#include "common/nats/dead_letter.hpp"
#include "common/nats/topology.hpp"
#include "gateway/packing.hpp"

#include <array>

namespace events::gateway {
namespace {

void for_each_packed(const Shipment& shipment, const std::function<void(const Message&)>& take) {
    const auto received_at = format_timestamp(
        std::chrono::time_point_cast<std::chrono::microseconds>(shipment.received));
    pack(shipment.body.accepted, shipment.events_per_message, [&](const PackedMessage& message) {
        const std::array fields{
            nats::HeaderField{nats::headers::kMessageId, nats::message_id({message.payload})},
            nats::HeaderField{nats::headers::kCorrelationId, shipment.correlation_id},
            nats::HeaderField{nats::headers::kTraceparent, shipment.traceparent},
            nats::HeaderField{nats::headers::kEventCount, std::to_string(message.events)},
            nats::HeaderField{nats::headers::kReceivedAt, received_at},
        };
        take({.subject = nats::subject_of(message.source),
              .headers = fields,
              .payload = message.payload,
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
                                  .discriminator = place};
    const auto fields = nats::headers_of(letter, shipment.received);
    take({.subject = letter.subject,
          .headers = fields,
          .payload = nats::payload_of(letter),
          .cargo = {.dead_letter = &event}});
}

}  // namespace

void Shipment::for_each(const std::function<void(const Message&)>& take) const {
    for_each_packed(*this, take);
    for (const auto& event : body.rejected) make_dead_letter(*this, event, take);
}

}  // namespace events::gateway
