#include "common/http/operations.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace events::http {
namespace {

using boost::asio::awaitable;

std::string now_iso8601() {
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                       milliseconds.count());
}

/// Answered by the loop itself: an answer is the proof that it turns.
awaitable<Response> liveness() {
    co_return Response{.body = fmt::format(R"({{"status":"ok","timestamp":"{}"}})", now_iso8601())};
}

awaitable<Response> readiness(const health::Registry& health) {
    auto [ready, body] = health.readiness();
    co_return Response{.status = ready ? 200U : 503U, .body = std::move(body)};
}

awaitable<Response> scrape(const metrics::Registry& metrics) {
    co_return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                       .body = metrics.text()};
}

}  // namespace

void add_operations_routes(Router& router, const health::Registry& health,
                           const metrics::Registry& metrics) {
    router.add({.method = Method::get, .path = "/liveness", .handler = [](Request&) {
                    return liveness();
                }});
    router.add({.method = Method::get, .path = "/readiness", .handler = [&health](Request&) {
                    return readiness(health);
                }});
    router.add({.method = Method::get, .path = "/metrics", .handler = [&metrics](Request&) {
                    return scrape(metrics);
                }});
}

}  // namespace events::http
