#pragma once

#include "common/events/parser.hpp"
#include "common/http/client.hpp"
#include "common/http/server.hpp"
#include "common/metrics/registry.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace events::test {

/// A POST as the stand-in received it.
struct ReceivedPost {
    std::string body;
    std::string correlation_id;
    std::string traceparent;
    std::string content_type;
    std::chrono::steady_clock::time_point at;
};

/// The answer to the POST of that number (from 0); nothing: what the gateway would answer if all
/// valid events were saved.
using Script = std::function<std::optional<http::Response>(std::size_t number)>;

/// A real HTTP server in the gateway's place: it parses the events of each POST with the suite's
/// own parser, or answers as its script says. Thread-safe.
class StandIn {
  public:
    explicit StandIn(Script script = {}, std::uint16_t port = 0);
    ~StandIn();
    StandIn(const StandIn&) = delete;
    StandIn& operator=(const StandIn&) = delete;

    [[nodiscard]] http::Endpoint endpoint() const;

    /// No answer to a POST from here on, until release().
    void hold() { held_.store(true); }
    void release() { held_.store(false); }

    [[nodiscard]] std::vector<ReceivedPost> received() const;
    /// How often GET /liveness was asked.
    [[nodiscard]] std::size_t probes() const { return probes_.load(); }
    [[nodiscard]] std::size_t in_hand() const { return in_hand_.load(); }
    [[nodiscard]] std::size_t most_in_hand() const { return most_in_hand_.load(); }

  private:
    [[nodiscard]] http::Router make_router();
    boost::asio::awaitable<http::Response> tell_liveness();
    boost::asio::awaitable<http::Response> take(http::Request& request);
    [[nodiscard]] http::Response answer_like_the_gateway(const std::string& body);

    Script script_;
    std::atomic<bool> held_{false};
    std::atomic<std::size_t> probes_{0};
    std::atomic<std::size_t> in_hand_{0};
    std::atomic<std::size_t> most_in_hand_{0};
    mutable std::mutex mutex_;
    std::vector<ReceivedPost> received_;
    Parser parser_;  // the server's thread alone uses it
    metrics::Registry metrics_;
    http::Server server_;  // last: uses all of the above
};

}  // namespace events::test
