#pragma once

#include "common/expected.hpp"
#include "common/health/registry.hpp"
#include "common/http/message.hpp"
#include "common/nats/publisher.hpp"
#include "common/retention/retention_days.hpp"
#include "gateway/content.hpp"
#include "gateway/drainer.hpp"
#include "gateway/in_flight.hpp"
#include "gateway/probe.hpp"
#include "gateway/send_options.hpp"
#include "gateway/shipment.hpp"
#include "gateway/spool.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace events::clock {
class Comparison;
}

namespace events::gateway {

struct IngestOptions {
    std::uint64_t max_body_bytes = 0;
    std::size_t events_per_message = 0;
    bool compress = false;  ///< see Shipment
    std::size_t worker_threads = 0;
    retention::RetentionDays retention{};
    const clock::Comparison* broker_clock = nullptr;
};

/// Whether the thread may be held up until the broker has taken what came before.
enum class Patience : std::uint8_t { may_wait, never_waits };

/// Answers POST /events: parses the body, publishes its events into their sources' streams and the
/// invalid ones into the dead letters, and answers when JetStream has acknowledged every one. What
/// JetStream does not take goes to the spool.
///
/// A small body is parsed where it arrived, on the server's own thread; larger ones on worker
/// threads, so that 50,000 events don't hold the server up. Nothing waits on a thread for an
/// acknowledgement.
/// Thread-safe. Failure: where neither JetStream nor the spool has everything, 503; the sender may
/// repeat the whole request, since JetStream knows the messages it has by their ids.
class Ingest {
  public:
    /// `on_missing_stream` is called when our stream is not there: somebody deleted it, and maybe
    /// made another one in its place.
    Ingest(IngestOptions options, nats::Publisher& publisher, Spool& spool, Drainer& drainer,
           const health::Registry& health, InFlight& in_flight, Probe& probe,
           std::function<void()> on_missing_stream);
    /// Waits for the requests in hand.
    ~Ingest();
    Ingest(const Ingest&) = delete;
    Ingest& operator=(const Ingest&) = delete;

    /// Decides by a request's header whether its body is read at all.
    [[nodiscard]] Expected<std::shared_ptr<http::Permit>, http::Response> admit(
        const http::RequestHead& head);

    /// The answer to an admitted request.
    [[nodiscard]] boost::asio::awaitable<http::Response> handle(http::Request& request);

  private:
    /// The timestamps that are taken now.
    [[nodiscard]] TimeLimits limits() const;
    /// What became of a request's events.
    struct Verdict {
        std::uint64_t saved = 0;
        std::uint64_t spooled = 0;  ///< of `saved`
        std::string why{};          ///< not everything is saved; empty when all is
    };

    std::optional<http::Response> unpack(http::Request& request, Coding coding,
                                         InFlight::Permit& permit) const;
    boost::asio::awaitable<http::Response> store(http::Request& request, Content content,
                                                 Patience patience);
    /// Into JetStream, or else into the spool.
    boost::asio::awaitable<Verdict> deliver(const Shipment& shipment, Patience patience);
    /// Keeps what JetStream did not take; all, where there are no outcomes. Waits for the disk.
    Verdict spool(const Shipment& shipment, const nats::PublishOutcomes& outcomes, Verdict verdict);

    IngestOptions options_;
    nats::Publisher& publisher_;
    Spool& spool_;
    Drainer& drainer_;
    const health::Registry& health_;
    InFlight& in_flight_;
    Probe& probe_;
    std::function<void()> on_missing_stream_;
    boost::asio::thread_pool workers_;
    boost::asio::thread_pool spoolers_;
};

}  // namespace events::gateway
