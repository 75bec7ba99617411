#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace events::nats {

/// How many messages are requested and not yet taken, over several pull requests. A message does
/// not say which request it answers, and the server serves its requests in turn; so the messages
/// are counted together, and a request's own rest is known when the server ends it.
///
/// It never claims more than the live requests asked for, so it can't run dry for ever.
/// Pure but for the clock that is passed in. One thread at a time.
class PullCredit {
  public:
    using Clock = std::chrono::steady_clock;

    /// `grace`: how much later than its expiry the server's end of a request may come.
    explicit PullCredit(Clock::duration grace) : grace_{grace} {}

    [[nodiscard]] std::size_t outstanding() const noexcept { return outstanding_; }

    /// How many to request now, so that `window` are; 0 while half of it is still on its way.
    [[nodiscard]] std::size_t wanted(std::size_t window) const noexcept;

    /// The number of the next request.
    [[nodiscard]] std::uint64_t next_request() const noexcept { return first_ + requests_.size(); }
    void requested(std::size_t messages, Clock::time_point expiry);

    void delivered() noexcept;

    /// The server ended a request with that many messages not sent, if it says so. False for a
    /// request that doesn't count any more.
    bool ended(std::uint64_t request, std::optional<std::size_t> unsent) noexcept;

    /// All requests are void: the connection or the consumer they were made on is gone.
    void clear() noexcept;

    /// Whether messages are outstanding although every request should have ended by now: nobody
    /// answers. Forgets the requests that were filled meanwhile.
    [[nodiscard]] bool silent(Clock::time_point now) noexcept;

  private:
    struct Request {
        std::size_t messages;  // 0 once it has ended
        Clock::time_point expiry;
    };

    void drop(Request& request) noexcept;
    void forget_ended() noexcept;

    Clock::duration grace_;
    std::deque<Request> requests_;  // numbered from first_ on
    std::uint64_t first_ = 1;
    std::size_t asked_ = 0;  // by the requests that count
    std::size_t outstanding_ = 0;
};

}  // namespace events::nats
