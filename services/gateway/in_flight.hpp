#pragma once

#include "common/http/message.hpp"
#include "common/metrics/registry.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace events::gateway {

/// What the gateway may have in hand at one time.
struct InFlightOptions {
    std::uint64_t max_bytes = 0;   ///< of bodies, as far as they have come
    std::uint64_t max_events = 0;  ///< that wait for their PubAck; the last request may pass it
};

/// What the gateway has in hand, so that load beyond its bounds is refused at once instead of
/// growing its memory. Thread-safe; must outlive its permits.
///
/// A body counts as far as it has come, and not what its header promises: a client that announces
/// much and sends little keeps nobody else out. So a body that was begun may still be refused.
class InFlight {
  public:
    InFlight(InFlightOptions options, metrics::Registry& metrics);

    /// A request's share, given back at its end.
    class Permit : public http::Permit {
      public:
        Permit(InFlight& owner, std::uint64_t bytes) : owner_{owner}, bytes_{bytes} {}
        ~Permit() override;

        /// The body has, or is about to have, so many bytes in all; false when that is too much.
        [[nodiscard]] bool grow_to(std::uint64_t bytes);
        [[nodiscard]] bool received(std::uint64_t bytes) override { return grow_to(bytes); }
        [[nodiscard]] http::Response refusal(const http::RequestHead& head) override;

        void hold_events(std::uint64_t events);

      private:
        InFlight& owner_;
        std::uint64_t bytes_;
        std::uint64_t events_ = 0;
    };

    /// Null when a body of `expected` bytes would be too much now.
    [[nodiscard]] std::shared_ptr<Permit> enter(std::uint64_t expected);

  private:
    /// Counts so many bytes, unless that, or what would be to come after them, is too much.
    bool take(std::uint64_t bytes, std::uint64_t to_come);

    InFlightOptions options_;
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> events_{0};
    metrics::Gauge& bytes_gauge_;
    metrics::Gauge& events_gauge_;
};

}  // namespace events::gateway
