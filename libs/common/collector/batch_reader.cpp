#include "common/collector/batch_reader.hpp"

#include "common/events/message_encoding.hpp"
#include "common/events/time.hpp"
#include "common/nats/topology.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace events::collector {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

/// How soon stop() is noticed while nothing arrives.
constexpr auto kIdleWait = 200ms;
/// Bounds what may be prefetched; the adapted window stays between them.
constexpr std::size_t kMinWindow = 4;
constexpr std::size_t kMaxWindow = 512;

/// How many events a message holds: its header, or a count of its lines where there is none.
std::size_t count_events(const nats::Delivery& delivery) {
    std::size_t count = 0;
    if (const auto header = delivery.header(nats::headers::kEventCount)) {
        std::from_chars(header->data(), header->data() + header->size(), count);
    }
    if (count == 0) {
        const auto payload = delivery.payload();
        count = 1 + static_cast<std::size_t>(std::ranges::count(payload, '\n'));
    }
    return count;
}

Envelope envelope_of(const nats::Delivery& delivery) {
    Envelope envelope{
        .correlation_id = std::string{delivery.header(nats::headers::kCorrelationId).value_or("")},
        .received_at =
            std::chrono::time_point_cast<std::chrono::microseconds>(delivery.metadata().stored_at)};
    if (const auto text = delivery.header(nats::headers::kReceivedAt)) {
        if (const auto time = parse_timestamp(*text)) envelope.received_at = *time;
    }
    if (const auto parent = delivery.header(nats::headers::kTraceparent)) {
        envelope.trace = http::TraceContext::parse(*parent).continued();
    }
    return envelope;
}

std::string padded_copy(std::string_view text) {
    std::string copy;
    copy.reserve(text.size() + kPadding);
    copy = text;
    return copy;
}

}  // namespace

BatchReader::BatchReader(const CollectorOptions& options, nats::PullConsumer& consumer)
    : options_{options}, consumer_{consumer} {
    consumer_.set_window(kMinWindow);
}

Batch BatchReader::read(const std::stop_token& stop) {
    auto batch = gather(stop);
    if (batch.items.empty()) return batch;
    decode(batch);
    // Two batches' worth of messages: one in hand, one on its way.
    const auto per_message = std::max<std::size_t>(1, batch.figures.events / batch.items.size());
    consumer_.set_window(std::clamp(2 * options_.batch_size / per_message, kMinWindow, kMaxWindow));
    return batch;
}

Batch BatchReader::gather(const std::stop_token& stop) {
    Batch batch;
    std::size_t expected = 0;
    auto deadline = SteadyClock::now() + kIdleWait;
    while (!stop.stop_requested() && expected < options_.batch_size) {
        auto delivery = std::exchange(carried_, std::nullopt);
        if (!delivery) {
            const auto left = deadline - SteadyClock::now();
            delivery = consumer_.next(std::max(std::chrono::ceil<std::chrono::milliseconds>(left),
                                               std::chrono::milliseconds{0}));
        }
        if (!delivery) break;
        const auto events = count_events(*delivery);
        if (!batch.items.empty() && expected + events > options_.batch_size) {
            carried_ = std::move(delivery);
            break;
        }
        if (batch.items.empty()) deadline = SteadyClock::now() + options_.batch_wait;
        expected += events;
        auto envelope = envelope_of(*delivery);
        auto payload = padded_copy(delivery->payload());
        batch.items.push_back({std::move(*delivery), std::move(envelope), std::move(payload)});
    }
    batch.figures.messages = batch.items.size();
    batch.events.reserve(expected);
    batch.origins.reserve(expected);
    return batch;
}

void BatchReader::decode(Batch& batch) {
    for (auto& item : batch.items) {
        for_each_line(item.payload, [&](std::string_view line) {
            ++batch.figures.events;
            const Origin origin{&item, line};
            // No clock here: what was plausible at the gateway stays so, however late it arrives.
            auto event = parser_.parse_event(line, batch.texts);
            if (!event) {
                batch.rejected.push_back({origin, std::move(event.error())});
            } else if (event->type->source != options_.source) {
                batch.rejected.push_back(
                    {origin,
                     {RejectionCode::unknown_value, "source",
                      "the event is in another source's stream", std::string{event->event_id}}});
            } else {
                batch.events.push_back({*event, &item.envelope});
                batch.origins.push_back(origin);
            }
        });
    }
}

void BatchReader::give_back_prefetched() {
    consumer_.release();
    if (carried_) carried_->nak(0ns);
    carried_.reset();
}

}  // namespace events::collector
