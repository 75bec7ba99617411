#pragma once

#include "publisher/event_generator.hpp"
#include "stack.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

namespace events::test {

/// A sender that repeats each POST until it is answered with 2xx, as a webhook platform does. It
/// sends from construction on, on a thread of its own.
class RetryingSender {
  public:
    RetryingSender(Stack& stack, std::uint64_t seed);

    /// Ends after the POST in hand was stored; what all of them must come to.
    publisher::Figures finish();

    [[nodiscard]] std::uint64_t posts() const noexcept { return posts_; }

  private:
    void run(const std::stop_token& stop);

    Stack& stack_;
    publisher::EventGenerator generator_;
    publisher::Figures expected_;
    std::atomic<std::uint64_t> posts_{0};
    std::jthread thread_;
};

}  // namespace events::test
