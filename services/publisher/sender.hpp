#pragma once

#include "common/config/secret.hpp"
#include "common/http/client.hpp"
#include "common/http/trace_context.hpp"
#include "publisher/answer.hpp"
#include "publisher/event_generator.hpp"
#include "publisher/gateway_watch.hpp"
#include "publisher/probe.hpp"
#include "publisher/random.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

namespace events::publisher {

struct SenderOptions {
    http::Endpoint endpoint;
    std::optional<config::Secret> key{};  ///< for a gateway that asks for one
    std::chrono::milliseconds request_timeout{30'000};
    bool retry = false;  ///< off: one attempt a batch, like the reference publisher
};

/// What became of a batch: its events are saved, failed or lost.
struct Outcome {
    Answer answer;              ///< the last attempt's
    std::uint64_t retries = 0;  ///< attempts after the first
    std::uint64_t lost = 0;     ///< events that no 2xx accounts for
};

/// Posts batches, one at a time, over one connection. With `retry` a batch is repeated, the same
/// bytes with the same correlation id in the same trace, for as long as the gateway says "later" or
/// can't be reached. One per thread.
class Sender {
  public:
    Sender(const SenderOptions& options, GatewayWatch& gateway, const Probe& probe,
           std::uint64_t jitter_seed);

    /// Returns with the batch's final answer, or with the last one once `give_up` is requested:
    /// at once from a pause, else when the attempt in hand has ended.
    [[nodiscard]] Outcome post(const Batch& batch, const std::stop_token& give_up);

  private:
    [[nodiscard]] Answer attempt(const Batch& batch, const std::string& correlation_id,
                                 const http::TraceContext& trace);

    SenderOptions options_;
    GatewayWatch& gateway_;
    const Probe& probe_;
    http::Client client_;
    Random jitter_;
};

}  // namespace events::publisher
