#include "publisher/sender.hpp"

#include "common/http/correlation_id.hpp"
#include "common/retry/pause.hpp"

#include <algorithm>
#include <string>

namespace events::publisher {

Sender::Sender(const SenderOptions& options, GatewayWatch& gateway, const Probe& probe,
               std::uint64_t jitter_seed)
    : options_{options},
      gateway_{gateway},
      probe_{probe},
      client_{options.endpoint.host, options.endpoint.port},
      jitter_{jitter_seed} {}

Outcome Sender::post(const Batch& batch, const std::stop_token& give_up) {
    const auto begin = std::chrono::steady_clock::now();
    const auto correlation_id = http::make_uuid_v7();
    const auto trace = http::TraceContext::start();
    const logging::RequestIds ids{correlation_id, trace.trace_id(), trace.span_id()};
    Outcome outcome{.answer = attempt(batch, correlation_id, trace)};
    while (options_.retry && outcome.answer.is_temporary()) {
        const auto number = static_cast<unsigned>(outcome.retries) + 1;
        const auto delay = retry_delay(number, outcome.answer.retry_after, jitter_);
        probe_.retrying(batch, outcome.answer, ids, number, delay);
        if (!retry::pause(delay, give_up)) break;
        outcome.answer = attempt(batch, correlation_id, trace);
        ++outcome.retries;
    }
    const auto accounted = outcome.answer.saved + outcome.answer.failed;
    outcome.lost = batch.events() - std::min<std::uint64_t>(batch.events(), accounted);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    probe_.finished(batch, outcome.answer, outcome.lost, ids, took);
    return outcome;
}

Answer Sender::attempt(const Batch& batch, const std::string& correlation_id,
                       const http::TraceContext& trace) {
    gateway_.posting();
    http::ClientRequest request{
        .method = "POST",
        .target = options_.endpoint.target,
        .content_type = "application/json",
        .body = batch.body,
        .headers = {{"X-Correlation-Id", correlation_id}, {"traceparent", trace.traceparent()}}};
    if (options_.key) {
        request.headers.emplace_back("Authorization", "Bearer " + options_.key->reveal());
    }
    const auto response = client_.send(request, options_.request_timeout);
    auto answer = read_answer(response, batch.events());
    if (response) {
        gateway_.answered(answer.status);
    } else {
        gateway_.unanswered(answer.error);
    }
    return answer;
}

}  // namespace events::publisher
