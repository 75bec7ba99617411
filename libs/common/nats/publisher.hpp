#pragma once

#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/connection.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace events::nats {

struct HeaderField {
    const char* name;
    std::string value;  ///< line breaks in it are replaced by spaces; an empty one is not sent
};

enum class PublishStatus : std::uint8_t {
    stored,       ///< the stream has it now
    duplicate,    ///< the stream had it already: as good as stored
    refused,      ///< the broker answered that it can't take it: full, no such stream, too many
    unreachable,  ///< no connection or no answer in time: it may or may not be stored
};

// The codes of an outcome that are not JetStream's, whose own begin at 10000.

/// Nothing listens on the subject: its stream does not exist.
inline constexpr int kNoResponders = 503;
/// Another stream than ours acknowledged the message.
inline constexpr int kForeignStream = 409;
/// Nothing was sent: the stream is not fit, see Streams.
inline constexpr int kUnfitStream = 412;
/// Nothing was sent: the message is larger than the broker takes (max_payload).
inline constexpr int kMaxPayload = 413;

struct PublishOutcome {
    PublishStatus status = PublishStatus::unreachable;
    int code = 0;       ///< JetStream's err_code where refused, e.g. 10077 "maximum bytes exceeded"
    std::string error;  ///< empty when durable
    std::string stream{};        ///< the one that answered, where one did
    std::uint64_t sequence = 0;  ///< the message's there, where it is durable

    [[nodiscard]] bool durable() const noexcept {
        return status == PublishStatus::stored || status == PublishStatus::duplicate;
    }
    /// Whether our stream is not there: somebody has to look, see Streams::ensure().
    [[nodiscard]] bool stream_missing() const noexcept {
        return code == kNoResponders || code == kForeignStream;
    }
};

/// The acknowledgements of one group of messages, in the order in which they were added.
using PublishOutcomes = std::vector<PublishOutcome>;

/// Bytes that a message's headers take of the broker's max_payload.
[[nodiscard]] std::size_t header_bytes(std::span<const HeaderField> headers) noexcept;

class PublishBatch;
class Streams;

/// Publishes into JetStream through an inbox of its own: each message's acknowledgement is mapped
/// back to the batch that waits for it, and a batch that hears nothing for `ack_timeout` gives the
/// rest of its messages up as unreachable, at once where their connection was lost. Nothing is ever
/// sent twice by itself.
///
/// An acknowledgement counts only from the stream that the subject belongs into (topology.hpp), and
/// while that is fit.
///
/// Messages are written by a thread of the publisher: a burst of them, then one flush. That is
/// cheapest on a connection that does not flush each by itself (ConnectionOptions::send_at_once).
/// Thread-safe. A batch's callback runs exactly once, on a thread of cnats or of the publisher: it
/// must be short, must not throw, and may not publish.
/// "Hears nothing" counts from the batch's last message or acknowledgement, whichever was later.
/// The connection must outlive the publisher. The destructor gives up what is pending.
class Publisher {
    class Impl;

  public:
    struct Options {
        std::chrono::milliseconds ack_timeout{5'000};
        std::size_t room = std::size_t{4} << 20;  ///< bytes that may wait to be written
        Streams* streams = nullptr;  ///< which ones are fit; without it all are taken for that
    };

    Publisher(Connection& connection, Options options, logging::Logger log,
              metrics::Registry& metrics);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// A group of messages that one caller waits for. One thread adds, then finishes it; one that
    /// is dropped is finished by its destructor.
    class Batch {
      public:
        ~Batch();
        Batch(Batch&&) noexcept = default;
        Batch& operator=(Batch&&) = delete;

        /// Sends a copy of a message; never waits. Who adds much lets wait_for_room() bound it.
        void add(const char* subject, std::span<const HeaderField> headers,
                 std::string_view payload);
        /// No more messages: `done` runs as soon as each has its outcome (here, when all have).
        void finish();

      private:
        friend class Publisher;
        Batch(std::shared_ptr<Impl> publisher, std::uint64_t id,
              std::shared_ptr<PublishBatch> state);

        std::shared_ptr<Impl> publisher_;
        std::uint64_t id_;
        std::shared_ptr<PublishBatch> state_;
    };

    [[nodiscard]] Batch start(std::function<void(PublishOutcomes)> done);

    /// Bytes of the largest message, headers included, that the broker takes.
    [[nodiscard]] std::size_t max_payload() const noexcept;

    /// Whether less than `room` waits to be written; the broker is slower than we are otherwise.
    [[nodiscard]] bool has_room() const;
    /// Waits until there is room; not for a reactor's thread.
    void wait_for_room();

    /// Publishes one message and waits for its outcome; not for a reactor's thread.
    [[nodiscard]] PublishOutcome publish(const char* subject, std::span<const HeaderField> headers,
                                         std::string_view payload);

  private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace events::nats
