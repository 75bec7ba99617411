#pragma once

#include "common/logging/logger.hpp"
#include "common/nats/connection.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace events::nats {

enum class Retention : std::uint8_t { limits, work_queue };
enum class Discard : std::uint8_t { old_messages, new_messages };

/// Whether the size and the copies of a stream that is there are changed to what is wanted.
enum class Bounds : std::uint8_t { apply, leave };

struct StreamConfig {
    std::string name;
    std::vector<std::string> subjects;
    Retention retention = Retention::limits;
    Discard discard = Discard::old_messages;
    std::int64_t max_bytes = -1;  ///< -1: no bound
    std::int64_t replicas = 1;
    std::chrono::nanoseconds duplicate_window{std::chrono::minutes{2}};
};

/// A durable pull consumer with explicit acknowledgement and no limit of deliveries.
struct ConsumerConfig {
    std::string stream;
    std::string durable;
    std::chrono::nanoseconds ack_wait{std::chrono::seconds{60}};
    std::int64_t max_ack_pending = 10'000;  ///< messages, over all processes that share it
};

struct StreamInfo {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::int64_t max_bytes = -1;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    /// When the oldest message came, by the server's clock; nothing for an empty stream.
    std::optional<std::chrono::sys_time<std::chrono::microseconds>> oldest{};
    std::string created{};  ///< RFC 3339; another one's, where the stream was made anew
};

struct ConsumerInfo {
    std::uint64_t pending = 0;          ///< messages not yet delivered to anybody
    std::uint64_t unacknowledged = 0;   ///< delivered, not yet acknowledged
    std::uint64_t acknowledged_to = 0;  ///< the sequence up to which everything is acknowledged
    std::uint64_t delivered_to = 0;     ///< the last sequence that it delivered or passed over
    std::uint64_t deliveries = 0;       ///< how many it made
    std::string created{};              ///< RFC 3339
};

/// Streams and consumers. Each function asks the broker and waits for its answer, so none is for
/// a reactor's thread. Thread-safe.
/// Failure: Error; ensure_* may be repeated, and may run in several processes at once.
/// UnfitStream where only an operator can help.
class JetStream {
  public:
    /// Says in `log` what it makes and changes, and as an error what it has to make again: somebody
    /// deleted it.
    explicit JetStream(Connection& connection, std::optional<logging::Logger> log = {})
        : connection_{connection}, log_{std::move(log)} {}

    /// Creates the stream, or updates it where it differs in what may be changed. Throws
    /// UnfitStream when it differs in something else, or when the server refuses. Whether it had to
    /// be created.
    bool ensure_stream(const StreamConfig& config, Bounds bounds = Bounds::apply);
    /// The same for a consumer.
    void ensure_consumer(const ConsumerConfig& config);
    /// Deletes it, if it is there, and creates it: everything that the stream holds is delivered
    /// again. What was delivered before and is acknowledged afterwards may be, too.
    void renew_consumer(const ConsumerConfig& config);

    /// Nothing when there is no such stream or consumer.
    [[nodiscard]] std::optional<StreamInfo> stream_info(const std::string& stream);
    [[nodiscard]] std::optional<ConsumerInfo> consumer_info(const std::string& stream,
                                                            const std::string& durable);

    /// Deletes a message and overwrites its bytes on the disk. False when the stream has no message
    /// of that sequence (any more).
    bool delete_message(const std::string& stream, std::uint64_t sequence);
    /// Deletes every message up to and with sequence `last`; how many those were.
    std::uint64_t purge_stream(const std::string& stream, std::uint64_t last);

  private:
    void ensured(const std::string& what, bool created);
    void changed(const std::string& what, const std::vector<std::string>& settings);
    /// The streams that have one of the subjects, but for `config` itself.
    std::string holders_of(const StreamConfig& config);

    Connection& connection_;
    std::optional<logging::Logger> log_;
    std::mutex mutex_;
    std::set<std::string> known_;  ///< what was there before
};

}  // namespace events::nats
