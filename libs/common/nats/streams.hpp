#pragma once

#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/metrics/registry.hpp"
#include "common/nats/jetstream.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace events::nats {

/// The streams that a daemon needs, and whether each is fit: ours, with settings that keep what it
/// acknowledged until a collector has stored it. Into one that is not, nothing is published.
///
/// A stream is fit only over the connection over which that was seen: behind another one there may
/// be another server. One that is not is a fault of `broker` (readiness), a `stream_fit` of 0, and
/// an error in the log, once.
/// Thread-safe. ensure() asks the broker and waits, so it is not for a reactor's thread.
class Streams {
  public:
    Streams(Connection& connection, JetStream& jetstream, std::vector<StreamConfig> wanted,
            health::Indicator& broker, logging::Logger log, metrics::Registry& metrics);

    /// Makes each stream what it should be, and remembers which are not; one that was deleted is
    /// made again when the server has had two seconds to remove its files. The operator's bounds
    /// (bytes, replicas) are applied once a connection: two daemons that are told different ones
    /// must not change them to and fro.
    /// Throws after the last one: UnfitStream of the first that is unfit, or else Error where
    /// JetStream did not answer; that changes nothing of what was known.
    void ensure();

    /// Why nothing may be published into the stream over the connection of that `generation`; empty
    /// when it may, and for a stream that is none of these. Waits for a moment for the first
    /// ensure() over a new connection.
    [[nodiscard]] std::string refusal(std::string_view stream, std::uint64_t generation);

    /// Whether the acknowledgement of a new message counts. It does not from an unfit stream, nor
    /// where its sequence does not go on from the last one: then another stream has come in the
    /// place of ours, and nothing counts until ensure() has looked at it.
    [[nodiscard]] bool counts(std::string_view stream, std::uint64_t sequence);

  private:
    struct Stream {
        StreamConfig config;
        metrics::Gauge& fit;
        std::uint64_t seen_over = 0;  ///< the connection's generation; 0: never seen
        std::string problem{};        ///< empty: it was fit
        std::uint64_t sequence = 0;   ///< of the last message that was acknowledged
        bool doubted = false;         ///< since the last look began
    };

    [[nodiscard]] bool is_deleted(const Stream& stream);
    /// Looks at one; rethrows.
    void look(Stream& stream);
    bool ensure(const StreamConfig& config, Bounds bounds);
    void seen(Stream& stream, std::uint64_t generation, std::string problem);
    Stream* find(std::string_view stream);
    void show();

    Connection& connection_;
    JetStream& jetstream_;
    health::Indicator& broker_;
    logging::Logger log_;

    std::mutex ensuring_;  ///< one look at a time; before mutex_
    std::mutex mutex_;
    std::condition_variable looked_;
    std::vector<Stream> streams_;
    std::uint64_t waited_over_ = 0;  ///< the generation that was waited for in vain
};

}  // namespace events::nats
