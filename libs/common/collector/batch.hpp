#pragma once

#include "common/collector/event_store.hpp"
#include "common/collector/probe.hpp"
#include "common/events/parser.hpp"
#include "common/events/rejection.hpp"
#include "common/nats/pull_consumer.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::collector {

/// A message in hand, with what its events need to live until they are stored.
struct Item {
    nats::Delivery delivery;
    Envelope envelope;
    std::string payload;  ///< plain and padded for the parser; the events view it
    std::string defect;   ///< why the payload can't be made plain, and is as it came; else empty
    /// How many of its events the database refuses for now: then the message is not acknowledged,
    /// but delivered again at `retry_at`.
    std::size_t parked = 0;
    std::chrono::steady_clock::time_point retry_at{};
};

/// Where an event of a batch comes from, and what became of it.
struct Origin {
    Item* item;
    std::string_view raw;
    bool stored = false;
};

/// An event that can never be stored.
struct Rejected {
    Origin origin;
    Rejection why;
};

/// Messages that are stored together and acknowledged together. It may be moved: what views into
/// it stays valid.
struct Batch {
    std::vector<std::shared_ptr<Item>> items;
    bool is_cut = false;  ///< the last message goes on in the next batch, which acknowledges it
    TextArena texts;
    std::vector<StorableEvent> events;
    std::vector<Origin> origins;  ///< of each of `events`
    std::vector<Rejected> rejected;
    std::size_t payload_bytes = 0;
    std::size_t decoded_bytes = 0;  ///< at most; see decoded_size()
    BatchFigures figures;

    /// The messages that end in this batch.
    [[nodiscard]] std::span<const std::shared_ptr<Item>> whole_messages() const {
        return std::span{items}.first(items.size() - (is_cut ? 1 : 0));
    }
    /// Keeps the broker from delivering the messages to somebody else.
    void keep_in_progress() {
        for (const auto& item : items) item->delivery.in_progress();
    }
    /// Gives the messages back to the stream, for whoever can store them.
    void give_back(Probe& probe) {
        for (const auto& item : items) item->delivery.nak(std::chrono::nanoseconds{0});
        probe.given_back(items.size());
    }
};

/// In UTC.
[[nodiscard]] std::chrono::sys_days day_of(const StorableEvent& event);
/// Brings the events of each day together, the oldest first.
void sort_by_day(Batch& batch, std::size_t first, std::size_t count);

}  // namespace events::collector
