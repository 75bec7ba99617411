#pragma once

#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"
#include "common/nats/handles.hpp"
#include "common/nats/pull_request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace events::nats {

/// What a delivered message's reply subject says (`$JS.ACK...`, both its 9-token form and the
/// longer one with a domain).
struct DeliveryMetadata {
    std::uint64_t stream_sequence = 0;
    std::uint64_t deliveries = 0;                                 ///< 1 at the first delivery
    std::chrono::sys_time<std::chrono::nanoseconds> stored_at{};  ///< by the broker's clock
    std::uint64_t pending = 0;                                    ///< messages behind this one
};

/// Nothing when it is not such a subject. Pure.
[[nodiscard]] std::optional<DeliveryMetadata> parse_delivery_metadata(std::string_view reply);

/// A message in hand. It ends in exactly one of ack() or nak(); in_progress() may come before.
/// Those only send: a lost acknowledgement means a redelivery, which the store absorbs.
class Delivery {
  public:
    /// Of no message: an acknowledgement goes nowhere.
    Delivery() = default;
    Delivery(Connection& connection, MessageHandle message, DeliveryMetadata metadata);

    [[nodiscard]] std::string_view payload() const noexcept;
    [[nodiscard]] std::optional<std::string_view> header(const char* name) const;
    /// Takes the message's memory out: payload() and header() are empty from here on, and it can
    /// still be acknowledged.
    [[nodiscard]] MessageHandle take_message() noexcept { return std::move(message_); }
    [[nodiscard]] const DeliveryMetadata& metadata() const noexcept { return metadata_; }

    void ack();
    void nak(std::chrono::nanoseconds delay);
    /// Starts the consumer's ack_wait anew.
    void in_progress();

  private:
    void reply(std::string_view text);

    Connection* connection_ = nullptr;
    MessageHandle message_;
    std::string reply_;  ///< the subject that acknowledges it
    DeliveryMetadata metadata_;
};

/// Pulls from a durable consumer by the pull protocol itself, on a subscription of its own.
/// One request is open at a time, for a batch of messages that come while the former one is stored,
/// and of at most `max_bytes`: no more than that waits in memory. It asks again when all of it was
/// taken, after a reconnect, after the server's own end of a request, and (the watchdog) when
/// neither messages nor a status came in time.
///
/// One thread at a time, but set_window() and stop() from any: stop() ends a next() that waits. The
/// connection must outlive it.
/// Failure: none escapes next(): without a broker there is no message. `provision` runs whenever
/// the consumer may be missing (first use, reconnect, "consumer deleted", no responders); what it
/// throws is logged and it runs again later, with backoff. The indicator is up while the consumer
/// can be pulled from, and else says why not.
class PullConsumer {
  public:
    struct Options {
        std::string stream;
        std::string durable;
        /// Of the messages that were requested and not yet taken; 0: no bound. A message that is
        /// larger comes alone.
        std::size_t max_bytes = 0;
        health::Indicator* indicator = nullptr;
        std::chrono::milliseconds request_expiry{5'000};
        /// How much later than its expiry the server's end of a request may come.
        std::chrono::milliseconds grace{2'000};
        /// Of release() and stop(), for what the server sent before it knew that nobody reads on.
        std::chrono::milliseconds stop_patience{4'000};
        /// And for the request that makes it forget those that are open.
        std::chrono::milliseconds forget_patience{3'000};
    };

    PullConsumer(Connection& connection, Options options, std::function<void()> provision,
                 logging::Logger log);
    ~PullConsumer();
    PullConsumer(const PullConsumer&) = delete;
    PullConsumer& operator=(const PullConsumer&) = delete;

    /// How many messages are requested at a time.
    void set_window(std::size_t messages) noexcept;

    /// The next message, or nothing when `wait` passed first; a `wait` of 0 takes what is here.
    /// It takes longer only while `provision` does, and while a server that fell silent is asked
    /// for a sign of life (1 s).
    [[nodiscard]] std::optional<Delivery> next(std::chrono::milliseconds wait);

    /// Gives back (nak) what was requested but not taken, so that another process gets it at once;
    /// the next call of next() begins anew. What was taken is given back after this, else it comes
    /// here again.
    void release();

    /// Ends the interest: what was requested but not taken is given back (nak), so that another
    /// process gets it at once.
    void stop();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace events::nats
