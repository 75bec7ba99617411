#pragma once

#include "common/events/event.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace events::clock {
class Comparison;
}

namespace events::collector {

/// The bytes that a collector may hold of events, and how they are shared out.
struct BufferOptions {
    std::size_t total = std::size_t{64} << 20;

    /// What was fetched and not looked at yet.
    [[nodiscard]] constexpr std::size_t fetched() const noexcept { return total / 4; }
    /// Each of the two batches, payloads and decoded events together: one that is read, one that is
    /// stored.
    [[nodiscard]] constexpr std::size_t batch() const noexcept { return total / 8 * 3; }
};

struct CollectorOptions {
    Source source;
    BufferOptions buffers{};
    std::size_t batch_size = 1000;               ///< events; four times as many while more wait
    std::chrono::milliseconds batch_wait{20};    ///< how long a batch waits for company
    std::chrono::milliseconds ack_wait{60'000};  ///< of the consumer: a quarter is our heartbeat
    std::chrono::milliseconds ping_interval{2'000};  ///< of the database, while there is no event
    /// Messages that may wait in the stream for days that the database refuses. They count against
    /// the consumer's max_ack_pending: beyond this the collector waits with the next one in hand.
    std::size_t max_parked = 5'000;
    /// What the database waits for, asked from a thread of its own while a batch takes longer than
    /// `slow_store`; empty where there is nothing to be said.
    std::function<std::string()> look_why_slow{};
    std::chrono::milliseconds slow_store{10'000};
    /// Makes the dead letters' stream, when nobody takes one: it was deleted. What it throws is
    /// logged; it is called again. From the thread that writes.
    std::function<void()> make_dead_letters{};
    /// The first instant that is stored: what is older becomes a dead letter. Nothing: any is.
    std::function<std::optional<Timestamp>()> first_kept{};
    /// For delays, which begin at the broker's or the gateway's time; nothing: it is ours.
    const clock::Comparison* broker_clock = nullptr;
};

}  // namespace events::collector
