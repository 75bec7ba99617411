#include "gateway/in_flight.hpp"

namespace events::gateway {

InFlight::InFlight(std::uint64_t max_bytes, metrics::Registry& metrics)
    : max_bytes_{max_bytes},
      bytes_gauge_{metrics.gauge("inflight_bytes", "Bytes of request bodies in hand.")},
      events_gauge_{metrics.gauge("inflight_events", "Events that wait for their PubAck.")} {}

std::shared_ptr<InFlight::Permit> InFlight::enter(std::uint64_t bytes) {
    auto held = bytes_.load(std::memory_order_relaxed);
    do {
        if (bytes > max_bytes_ - std::min(held, max_bytes_)) return nullptr;
    } while (!bytes_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    bytes_gauge_.Increment(static_cast<double>(bytes));
    return std::make_shared<Permit>(*this, bytes);
}

InFlight::Permit::~Permit() {
    owner_.bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
    owner_.bytes_gauge_.Decrement(static_cast<double>(bytes_));
    owner_.events_gauge_.Decrement(static_cast<double>(events_));
}

void InFlight::Permit::grow_to(std::uint64_t bytes) {
    if (bytes <= bytes_) return;
    const auto more = bytes - bytes_;
    bytes_ = bytes;
    owner_.bytes_.fetch_add(more, std::memory_order_relaxed);
    owner_.bytes_gauge_.Increment(static_cast<double>(more));
}

void InFlight::Permit::hold_events(std::uint64_t events) {
    events_ += events;
    owner_.events_gauge_.Increment(static_cast<double>(events));
}

}  // namespace events::gateway
