#pragma once

#include "common/events/event.hpp"
#include "publisher/event_generator.hpp"

#include <chrono>
#include <cstdint>

namespace events::test {

/// A whole second about an hour ago: a time that the gateway takes for events.
inline Timestamp recently() {
    using namespace std::chrono_literals;
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() - 1h);
}

/// One POST of exactly `events` valid events.
inline publisher::Batch make_batch(std::int64_t events, std::uint64_t seed = 1) {
    publisher::EventGenerator generator{{.seed = seed,
                                         .start_time = recently(),
                                         .min_events = events,
                                         .max_events = events,
                                         .invalid_ratio = 0.0,
                                         .count = static_cast<std::uint64_t>(events)}};
    return generator.next_batch().value();
}

}  // namespace events::test
