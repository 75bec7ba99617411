#include "common/collector/decoder.hpp"

#include "common/events/form.hpp"
#include "common/events/message_encoding.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace events::collector {
namespace {

/// Of an event: its place in the batch's vectors, which may have twice the room that is used.
constexpr std::size_t kEventBytes =
    2 * (std::max(sizeof(StorableEvent) + sizeof(Origin), sizeof(Rejected)) + 20 * sizeof(Value));
/// Of all an event's texts: most have nine at the most.
constexpr std::size_t kMaxTextsBytes = 10 * kMaxTextBytes;

/// As if the message from `start` on were not there.
void take_back(Batch& batch, const IncomingMessage& message, std::string_view start) {
    const auto is_of_it = [&](const Origin& origin) {
        return origin.item == message.item.get() && origin.raw.data() >= start.data();
    };
    const auto first = std::ranges::find_if(batch.origins, is_of_it) - batch.origins.begin();
    batch.origins.erase(batch.origins.begin() + first, batch.origins.end());
    batch.events.erase(batch.events.begin() + first, batch.events.end());
    std::erase_if(batch.rejected,
                  [&](const Rejected& rejected) { return is_of_it(rejected.origin); });
    batch.figures.events = batch.events.size() + batch.rejected.size();
}

}  // namespace

std::size_t decoded_size(std::size_t line) noexcept {
    return kEventBytes + 2 * std::min(line, kMaxTextsBytes);
}

IncomingMessage::IncomingMessage(std::shared_ptr<Item> message) : item{std::move(message)} {
    if (!item->defect.empty()) return;
    for_each_line(item->payload, [&](std::string_view line) { lines.push_back(line); });
}

std::string_view IncomingMessage::rest() const noexcept {
    const std::string_view payload{item->payload};
    if (decoded == 0) return payload;
    if (is_decoded()) return {};
    return payload.substr(static_cast<std::size_t>(lines[decoded].data() - payload.data()));
}

bool Decoder::fits(const IncomingMessage& message, const Batch& batch) const noexcept {
    const auto size = message.item->payload.size();
    const auto lines = std::max<std::size_t>(1, message.lines.size());
    const auto decoded = lines * kEventBytes + 2 * std::min(size, lines * kMaxTextsBytes);
    return batch.figures.events + lines <= limits_.events &&
           batch.payload_bytes + batch.decoded_bytes + size + decoded <= limits_.bytes;
}

void Decoder::decode(IncomingMessage& message, Batch& batch) {
    const auto start = message.rest();
    batch.items.push_back(message.item);
    batch.payload_bytes += message.item->payload.size();
    ++batch.figures.messages;
    try {
        if (!message.lines.empty()) {
            parser_.begin_lines(start);
            return decode_lines(message, batch);
        }
        const auto& defect = message.item->defect;
        ++batch.figures.events;
        batch.rejected.push_back({{message.item.get(), start},
                                  {RejectionCode::malformed_json,
                                   "",
                                   defect.empty() ? "the message holds no event" : defect,
                                   {}}});
    } catch (const std::exception&) {
        // What it says may quote the message.
        take_back(batch, message, start);
        message.decoded = message.lines.size();
        ++batch.figures.events;
        batch.rejected.push_back(
            {{message.item.get(), start},
             {RejectionCode::malformed_json, "", "the message could not be read", {}}});
    }
}

void Decoder::decode_lines(IncomingMessage& message, Batch& batch) {
    while (!message.is_decoded()) {
        batch.is_cut = is_full(batch);
        if (batch.is_cut) return;
        const auto line = message.lines[message.decoded++];
        batch.decoded_bytes += decoded_size(line.size());
        ++batch.figures.events;
        decode_line({message.item.get(), line}, batch);
    }
}

void Decoder::decode_line(const Origin& origin, Batch& batch) {
    // No clock here: what was plausible at the gateway stays so, however late it arrives.
    auto event = parser_.parse_line(origin.raw, batch.texts);
    if (!event) {
        batch.rejected.push_back({origin, std::move(event.error())});
    } else if (event->type->source != source_) {
        batch.rejected.push_back(
            {origin,
             {RejectionCode::unknown_value, "source", "the event is in another source's stream",
              std::string{event->event_id}}});
    } else {
        batch.origins.push_back(origin);
        batch.events.push_back({*event, &origin.item->envelope});
    }
}

}  // namespace events::collector
