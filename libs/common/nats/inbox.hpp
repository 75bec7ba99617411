#pragma once

#include "common/nats/handles.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace events::nats {

/// A subscription on a subject of its own, whose messages wait here without a bound until they are
/// taken: whoever asks for them bounds them.
///
/// natsSubscription_NextMsg() won't do: it takes a message without payload whose headers say 503,
/// and anybody can put such a one into a stream, for the server's "no responders", and drops it.
///
/// One thread at a time. Failure: the constructor throws Error.
class Inbox {
  public:
    /// Listens on "<unique>" or, where `many` subjects are to be told from each other,
    /// "<unique>.*".
    explicit Inbox(std::shared_ptr<natsConnection> connection, bool many = false);
    /// Messages may be on their way only after drain(): cnats before 3.6.1 now and then crashes
    /// when a subscription is destroyed while its reading thread has a message for it (nats.c
    /// #637).
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    /// "<unique>"
    [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
    [[nodiscard]] natsConnection* connection() const noexcept { return connection_.get(); }

    /// The next message; null when none came within `wait`.
    [[nodiscard]] MessageHandle next(std::chrono::milliseconds wait);
    /// How many have come and were not taken.
    [[nodiscard]] std::size_t waiting() const;
    /// Whether the connection is closed for good: nothing will come.
    [[nodiscard]] bool ended() const;

    /// Ends the server's interest. Everything that it sent before has come when next_of_rest()
    /// gives null. False without a connection.
    [[nodiscard]] bool drain(std::chrono::milliseconds patience);
    /// The next of what came before the drain took effect; null when that was all, or `deadline`
    /// passed first.
    [[nodiscard]] MessageHandle next_of_rest(std::chrono::steady_clock::time_point deadline);

  private:
    struct Queue;

    std::shared_ptr<natsConnection> connection_;
    std::string subject_;
    std::shared_ptr<Queue> queue_;  ///< cnats' callbacks share it
    SubscriptionHandle subscription_;
};

}  // namespace events::nats
