#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace events::nats {

/// How much one pull request asks for.
struct PullSize {
    std::size_t messages = 1;
    std::size_t bytes = 0;  ///< with headers and subjects; 0: no bound
};

/// The body of a request on $JS.API.CONSUMER.MSG.NEXT. Its `max_bytes` is known to nats-server
/// since 2.9; an older one ignores it.
[[nodiscard]] std::string pull_request_body(const PullSize& size, std::chrono::nanoseconds expires);

/// The one pull request that is open at a time. The next one is made when all that it brought was
/// taken, so never more than it asked for waits in memory: the server keeps to its bytes, too.
///
/// A message that is larger than all the bytes of a request is asked for alone, without a bound,
/// since it would never come otherwise.
///
/// Pure but for the clock that is passed in. One thread at a time.
class PullRequest {
  public:
    using Clock = std::chrono::steady_clock;

    /// Why the server ended a request.
    enum class End : std::uint8_t {
        over,       ///< its time, or the messages it asked for
        too_large,  ///< the next message is larger than what is left of its bytes
    };

    /// `grace`: how much later than its expiry the server's end of a request may come.
    explicit PullRequest(Clock::duration grace) : grace_{grace} {}

    [[nodiscard]] bool is_open() const noexcept { return left_ > 0; }
    /// How many of its messages have not come yet.
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    /// The number of the next request.
    [[nodiscard]] std::uint64_t next_number() const noexcept { return number_ + 1; }
    /// What the next request asks for, of what may come.
    [[nodiscard]] PullSize next_size(const PullSize& allowed) const noexcept;
    void sent(const PullSize& size, Clock::time_point expiry) noexcept;

    void delivered() noexcept;
    /// False for a request that is not the open one.
    bool ended(std::uint64_t number, End end) noexcept;
    /// It is void: the connection or the consumer that it was made on is gone.
    void clear() noexcept { left_ = 0; }

    /// Whether the server should have ended it by now: nobody answers.
    [[nodiscard]] bool silent(Clock::time_point now) const noexcept {
        return is_open() && expiry_ + grace_ < now;
    }

  private:
    Clock::duration grace_;
    std::uint64_t number_ = 0;
    std::size_t left_ = 0;
    std::size_t asked_ = 0;
    Clock::time_point expiry_{};
    bool alone_ = false;  ///< the next message is asked for alone
};

}  // namespace events::nats
