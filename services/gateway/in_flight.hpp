#pragma once

#include "common/metrics/registry.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

namespace events::gateway {

/// What the gateway has in hand, so that load beyond its bound is refused at once instead of
/// growing its memory. Thread-safe; must outlive its permits.
class InFlight {
  public:
    InFlight(std::uint64_t max_bytes, metrics::Registry& metrics);

    /// A request's share, given back at its end.
    class Permit {
      public:
        Permit(InFlight& owner, std::uint64_t bytes) : owner_{owner}, bytes_{bytes} {}
        ~Permit();
        Permit(const Permit&) = delete;
        Permit& operator=(const Permit&) = delete;

        /// The body became larger than was known at the start: chunked, or inflated.
        void grow_to(std::uint64_t bytes);
        void hold_events(std::uint64_t events);

      private:
        InFlight& owner_;
        std::uint64_t bytes_;
        std::uint64_t events_ = 0;
    };

    /// Null when `bytes` more would be too much.
    [[nodiscard]] std::shared_ptr<Permit> enter(std::uint64_t bytes);

  private:
    std::uint64_t max_bytes_;
    std::atomic<std::uint64_t> bytes_{0};
    metrics::Gauge& bytes_gauge_;
    metrics::Gauge& events_gauge_;
};

}  // namespace events::gateway
