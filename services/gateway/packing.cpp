#include "gateway/packing.hpp"

#include "common/events/message_encoding.hpp"

#include <string>

namespace events::gateway {

void pack(std::span<const AcceptedEvent> accepted, std::size_t events_per_message,
          std::size_t max_bytes, const std::function<void(const PackedMessage&)>& send) {
    std::string payload;
    for (const auto source : sources()) {
        std::size_t events = 0;
        const auto flush = [&] {
            if (events > 0) send({source, payload, events});
            payload.clear();
            events = 0;
        };
        for (const auto& event : accepted) {
            if (event.source != source) continue;
            const bool full =
                events == events_per_message || payload.size() + 1 + event.json.size() > max_bytes;
            if (full) flush();
            append_line(payload, event.json);
            ++events;
        }
        flush();
    }
}

}  // namespace events::gateway
