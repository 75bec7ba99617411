#include "common/collector/batch_reader.hpp"

#include "common/collector/envelope.hpp"
#include "common/nats/topology.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
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
/// A batch of a backlog has so many times BATCH_SIZE events.
constexpr std::size_t kTimesOfABacklog = 4;
/// A message's subjects and headers, about, which count as its bytes.
constexpr std::size_t kMessageOverhead = 512;
/// How much of cnats' memory is kept at a time: each of its messages that is destroyed alone wakes
/// a thread.
constexpr std::size_t kSpentBytes = std::size_t{1} << 20;

Timestamp microseconds(std::chrono::sys_time<std::chrono::nanoseconds> time) {
    return std::chrono::time_point_cast<std::chrono::microseconds>(time);
}

Envelope envelope_of(const nats::Delivery& delivery) {
    return read_envelope([&](const char* name) { return delivery.header(name); },
                         microseconds(delivery.metadata().stored_at));
}

}  // namespace

BatchReader::BatchReader(const CollectorOptions& options, nats::PullConsumer& consumer)
    : batch_wait_{options.batch_wait},
      batch_size_{options.batch_size},
      size_{batch_size_},
      fetch_bytes_{options.buffers.fetched()},
      consumer_{consumer},
      decoder_{options.source, {.events = size_, .bytes = options.buffers.batch()}} {
    consumer_.set_window(kMinWindow);
}

Batch BatchReader::read(const std::stop_token& stop) {
    Batch batch;
    auto deadline = SteadyClock::now() + kIdleWait;
    while (!stop.stop_requested() && !decoder_.is_full(batch) && receive(deadline)) {
        if (batch.items.empty()) {
            deadline = SteadyClock::now() + batch_wait_;
            set_size(*incoming_);
        } else if (!decoder_.fits(*incoming_, batch)) {
            break;
        }
        decoder_.decode(*incoming_, batch);
        if (batch.is_cut) break;
        incoming_.reset();
    }
    forget({}, kSpentBytes);
    if (!batch.items.empty()) set_window(batch);
    return batch;
}

/// Whether there is an incoming message before the deadline.
bool BatchReader::receive(SteadyClock::time_point deadline) {
    if (incoming_) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    auto delivery = consumer_.next(std::max(left, 0ms));
    if (!delivery) return false;
    auto item = std::make_shared<Item>();
    item->envelope = envelope_of(*delivery);
    read_payload(*delivery, *item);
    const auto bytes = delivery->payload().size();
    forget(delivery->take_message(), bytes);
    item->delivery = std::move(*delivery);
    incoming_.emplace(std::move(item));
    return true;
}

void BatchReader::read_payload(const nats::Delivery& delivery, Item& item) {
    const auto encoding = delivery.header(nats::headers::kContentEncoding).value_or("");
    auto plain =
        decompressor_.plain(delivery.payload(), encoding, nats::kMaxMessageBytes, kPadding);
    if (!plain) {
        item.defect = std::move(plain.error());
        plain = decompressor_.plain(delivery.payload(), "", 0, kPadding);
    }
    item.payload = *std::move(plain);
}

/// Frees a message of which everything was copied: many at a time.
void BatchReader::forget(nats::MessageHandle message, std::size_t bytes) {
    spent_.push_back(std::move(message));
    spent_bytes_ += bytes;
    if (spent_bytes_ < kSpentBytes) return;
    spent_.clear();
    spent_bytes_ = 0;
}

/// As many events as wait in the stream, from one to four times BATCH_SIZE.
void BatchReader::set_size(const IncomingMessage& first) {
    const auto messages = 1 + first.item->delivery.metadata().pending;
    const auto most = kTimesOfABacklog * batch_size_;
    const auto waiting = std::min<std::uint64_t>(messages, most) * events_per_message_;
    size_ = std::clamp<std::size_t>(waiting, batch_size_, most);
    decoder_.allow(size_);
}

/// Two batches' worth of messages: one in hand, one on its way. No more than fit into the bytes
/// that may be fetched, if all are as large as the largest one of this batch: nats-server 2.9
/// holds a redelivered message back for the whole ack_wait that meets the end of a request's bytes.
void BatchReader::set_window(const Batch& batch) {
    std::size_t largest = 0;
    for (const auto& item : batch.items) largest = std::max(largest, item->payload.size());
    events_per_message_ = std::max<std::size_t>(1, batch.figures.events / batch.items.size());
    const auto two_batches = std::clamp(2 * size_ / events_per_message_, kMinWindow, kMaxWindow);
    const auto that_fit = std::max<std::size_t>(1, fetch_bytes_ / (largest + kMessageOverhead));
    consumer_.set_window(std::min(two_batches, that_fit));
}

void BatchReader::give_back_prefetched() {
    consumer_.release();
    if (incoming_) incoming_->item->delivery.nak(0ns);
    incoming_.reset();
}

}  // namespace events::collector
