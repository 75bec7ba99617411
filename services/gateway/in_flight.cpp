#include "gateway/in_flight.hpp"

#include "gateway/answer.hpp"

#include <algorithm>

namespace events::gateway {
namespace {

/// What a request counts at least, or its whole body where that is smaller: about what a
/// connection costs that has sent its header only.
constexpr std::uint64_t kFirstShare = std::uint64_t{16} << 10;

}  // namespace

InFlight::InFlight(InFlightOptions options, metrics::Registry& metrics)
    : options_{options},
      bytes_gauge_{metrics.gauge("inflight_bytes", "Bytes of request bodies in hand.")},
      events_gauge_{metrics.gauge("inflight_events", "Events that wait for their PubAck.")} {}

std::shared_ptr<InFlight::Permit> InFlight::enter(std::uint64_t expected) {
    if (events_.load(std::memory_order_relaxed) >= options_.max_events) return nullptr;
    const auto first = std::min(expected, kFirstShare);
    if (!take(first, expected - first)) return nullptr;
    return std::make_shared<Permit>(*this, first);
}

bool InFlight::take(std::uint64_t bytes, std::uint64_t to_come) {
    auto held = bytes_.load(std::memory_order_relaxed);
    do {
        const auto room = options_.max_bytes - std::min(held, options_.max_bytes);
        if (bytes > room || to_come > room - bytes) return false;
    } while (!bytes_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    bytes_gauge_.Increment(static_cast<double>(bytes));
    return true;
}

InFlight::Permit::~Permit() {
    owner_.bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
    owner_.events_.fetch_sub(events_, std::memory_order_relaxed);
    owner_.bytes_gauge_.Decrement(static_cast<double>(bytes_));
    owner_.events_gauge_.Decrement(static_cast<double>(events_));
}

bool InFlight::Permit::grow_to(std::uint64_t bytes) {
    if (bytes <= bytes_) return true;
    if (!owner_.take(bytes - bytes_, 0)) return false;
    bytes_ = bytes;
    return true;
}

http::Response InFlight::Permit::refusal(const http::RequestHead& head) {
    return not_stored("Too much is in flight already.", head.correlation_id, {});
}

void InFlight::Permit::hold_events(std::uint64_t events) {
    events_ += events;
    owner_.events_.fetch_add(events, std::memory_order_relaxed);
    owner_.events_gauge_.Increment(static_cast<double>(events));
}

}  // namespace events::gateway
