#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace events::nats {

/// Pauses that double up to a cap, each between half of itself and all of it, so that many clients
/// of one broker don't come back in step. One thread at a time.
class Backoff {
  public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap)
        : first_{first}, cap_{cap}, current_{first} {}

    [[nodiscard]] std::chrono::milliseconds next() {
        const auto full = std::exchange(current_, std::min(current_ * 2, cap_));
        std::uniform_int_distribution<std::chrono::milliseconds::rep> jitter{full.count() / 2,
                                                                             full.count()};
        return std::chrono::milliseconds{jitter(random_)};
    }
    void reset() noexcept { current_ = first_; }

  private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds cap_;
    std::chrono::milliseconds current_;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace events::nats
