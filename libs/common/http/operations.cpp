#include "common/http/operations.hpp"

#include "common/http/gzip.hpp"
#include "common/http/run_on.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>

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

/// Writes the metrics on a thread of its own: there are thousands of lines of them, and packing
/// takes as long again, which would hold up every request that comes meanwhile.
class Scraper {
  public:
    explicit Scraper(const metrics::Registry& metrics) : metrics_{metrics} {}

    awaitable<Response> answer(bool gzip) {
        co_return co_await run_on(worker_, write(metrics_, gzip));
    }

  private:
    static awaitable<Response> write(const metrics::Registry& metrics, bool gzip) {
        Response response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                          .body = metrics.text(),
                          .headers = {{"Vary", "Accept-Encoding"}}};
        if (gzip && pack(response.body)) {
            response.headers.emplace_back("Content-Encoding", "gzip");
        }
        co_return response;
    }

    const metrics::Registry& metrics_;
    boost::asio::thread_pool worker_{1};
};

}  // namespace

void add_operations_routes(Router& router, const health::Registry& health,
                           const metrics::Registry& metrics) {
    add_probe_routes(router, health);
    router.add({.method = Method::get,
                .path = "/metrics",
                .handler = [scraper = std::make_shared<Scraper>(metrics)](
                               Request& request) { return scraper->answer(prefers_gzip(request)); },
                .exact_path = true});
}

void add_probe_routes(Router& router, const health::Registry& health) {
    router.add({.method = Method::get,
                .path = "/liveness",
                .handler = [](Request&) { return liveness(); },
                .exact_path = true});
    router.add({.method = Method::get,
                .path = "/readiness",
                .handler = [&health](Request&) { return readiness(health); },
                .exact_path = true});
}

}  // namespace events::http
