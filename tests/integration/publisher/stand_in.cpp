#include "stand_in.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace events::test {
using namespace std::chrono_literals;

http::Router StandIn::make_router() {
    http::Router router;
    router.add({.method = http::Method::post,
                .path = "/events",
                .handler = [this](http::Request& request) { return take(request); },
                .body_limit = 64 << 20,
                .admission = {}});
    router.add({.method = http::Method::get,
                .path = "/liveness",
                .handler = [this](http::Request&) { return tell_liveness(); },
                .body_limit = 0,
                .admission = {}});
    return router;
}

StandIn::StandIn(Script script, std::uint16_t port)
    : script_{std::move(script)},
      server_{http::ServerOptions{.host = "127.0.0.1", .port = port}, make_router(),
              logging::Logger{"stand-in", {.level = logging::Level::fatal}}, metrics_} {}

StandIn::~StandIn() {
    release();
    server_.drain(std::chrono::steady_clock::now() + 10s);
}

http::Endpoint StandIn::endpoint() const {
    return {.host = "127.0.0.1", .port = server_.port(), .target = "/events"};
}

std::vector<ReceivedPost> StandIn::received() const {
    const std::lock_guard lock{mutex_};
    return received_;
}

boost::asio::awaitable<http::Response> StandIn::tell_liveness() {
    ++probes_;
    co_return http::Response{};
}

boost::asio::awaitable<http::Response> StandIn::take(http::Request& request) {
    most_in_hand_ = std::max(most_in_hand_.load(), ++in_hand_);  // one thread runs all handlers
    std::size_t number = 0;
    {
        const std::lock_guard lock{mutex_};
        number = received_.size();
        received_.push_back({request.body, request.correlation_id,
                             std::string{request.header("traceparent").value_or("")},
                             std::string{request.header("Content-Type").value_or("")},
                             std::chrono::steady_clock::now()});
    }
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
    while (held_.load()) {
        timer.expires_after(5ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    auto scripted = script_ ? script_(number) : std::nullopt;
    auto response = scripted ? std::move(*scripted) : answer_like_the_gateway(request.body);
    --in_hand_;
    co_return response;
}

http::Response StandIn::answer_like_the_gateway(const std::string& body) {
    const auto latest =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()) +
        std::chrono::hours{24};
    const auto parsed = parser_.parse_body(body, BodyFormat::json, {.latest = latest});
    http::Response response;
    response.status = parsed ? 201 : 400;
    if (parsed) {
        response.body = fmt::format(R"({{"saved":{},"failed":{}}})", parsed->accepted.size(),
                                    parsed->rejected.size());
    }
    return response;
}

}  // namespace events::test
