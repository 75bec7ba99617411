#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace events::retry {

/// Capped exponential backoff with full jitter on its upper half: each next() is between half of
/// the current step and the whole of it, and the step doubles up to `max`.
/// One per thread.
class Backoff {
  public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds max)
        : first_{first}, max_{max}, step_{first}, random_{std::random_device{}()} {}

    [[nodiscard]] std::chrono::milliseconds next() {
        std::uniform_int_distribution<std::chrono::milliseconds::rep> spread{step_.count() / 2,
                                                                             step_.count()};
        step_ = std::min(step_ * 2, max_);
        return std::chrono::milliseconds{spread(random_)};
    }

    void reset() noexcept { step_ = first_; }

  private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds max_;
    std::chrono::milliseconds step_;
    std::minstd_rand random_;
};

}  // namespace events::retry
