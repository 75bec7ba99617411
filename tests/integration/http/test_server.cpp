#include "test_server.hpp"

#include "common/http/problem.hpp"
#include "support/await.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <stdexcept>

namespace events::test {
namespace {

using boost::asio::awaitable;
using http::Method;
using http::Request;
using http::Response;
using namespace std::chrono_literals;

awaitable<Response> text(unsigned status, std::string body) {
    co_return Response{.status = status, .content_type = "text/plain", .body = std::move(body)};
}

/// Lets 100,000 bytes of a body come.
class TightPermit : public http::Permit {
  public:
    bool received(std::uint64_t bytes) override { return bytes <= 100'000; }
};

awaitable<Response> fail() {
    throw std::runtime_error{"the reason that only the log may know"};
    co_return Response{};
}

}  // namespace

http::ServerOptions patient_options() {
    return {.host = "127.0.0.1",
            .port = 0,
            .header_timeout = kPatience,
            .body_timeout = kPatience,
            .idle_timeout = kPatience,
            .write_timeout = kPatience};
}

TestServer::TestServer(http::ServerOptions options) {
    server_.emplace(std::move(options), make_router(), make_log(lines_, logging::Level::debug),
                    metrics_);
    std::promise<void> made;
    boost::asio::post(server_->executor(), [&] {
        gate_ = std::make_shared<boost::asio::steady_timer>(
            server_->executor(), std::chrono::steady_clock::time_point::max());
        made.set_value();
    });
    made.get_future().wait();
}

TestServer::~TestServer() {
    stop();
}

awaitable<Response> TestServer::hold(Held& held, std::shared_ptr<boost::asio::steady_timer> gate) {
    ++held.begun;
    co_await gate->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) ++held.cancelled;
    co_return Response{.content_type = "text/plain", .body = "released"};
}

http::Router TestServer::make_router() {
    http::Router router;
    const auto add = [&](Method method, std::string path, http::Handler handler,
                         std::uint64_t limit = 0, http::Admission admission = {}) {
        router.add({method, std::move(path), std::move(handler), limit, std::move(admission)});
    };
    add(Method::get, "/hello", [](Request&) { return text(200, "hello"); });
    add(
        Method::post, "/echo", [](Request& got) { return text(200, std::move(got.body)); },
        64 * 1024);
    add(
        Method::post, "/size",
        [](Request& got) { return text(200, std::to_string(got.body.size())); }, 50 * 1024 * 1024);
    add(Method::get, "/fail", [](Request&) { return fail(); });
    const auto held = [this](Request&) { return gate_ ? hold(held_, gate_) : text(503, ""); };
    add(Method::get, "/held", held);
    router.add({.method = Method::get,
                .path = "/watched",
                .handler = held,
                .body_limit = 1024,
                .cancel_when_client_leaves = true});
    add(
        Method::post, "/refused", [](Request&) { return text(200, "must not be reached"); },
        50 * 1024 * 1024,
        [](const http::RequestHead& head) -> Expected<std::shared_ptr<http::Permit>, Response> {
            return Unexpected<Response>{
                http::retry_later("too much in flight", head.correlation_id, 5s)};
        });
    add(
        Method::post, "/careless", [](Request&) { return text(200, "must not be reached"); }, 1024,
        [](const http::RequestHead&) -> Expected<std::shared_ptr<http::Permit>, Response> {
            throw std::runtime_error{"the admission's own reason"};
        });
    add(
        Method::post, "/tight", [](Request& got) { return text(200, std::move(got.body)); },
        50 * 1024 * 1024,
        [](const http::RequestHead&) -> Expected<std::shared_ptr<http::Permit>, Response> {
            return std::make_shared<TightPermit>();
        });
    add(Method::get, "/empty", [](Request&) { return text(204, ""); });
    add(Method::get, "/large", [](Request&) { return text(200, std::string(8 << 20, 'x')); });
    return router;
}

bool TestServer::await_held(int count) const {
    return await([&] { return held_.begun.load() >= count; });
}

bool TestServer::await_cancelled(int count) const {
    return await([&] { return held_.cancelled.load() >= count; });
}

void TestServer::release() {
    boost::asio::post(server_->executor(), [gate = gate_] {
        gate->expires_at(std::chrono::steady_clock::time_point::min());
    });
}

std::string TestServer::log() const {
    return lines_->text();
}

void TestServer::stop() {
    if (!server_) return;
    // The gate belongs to the server's loop: it goes there, and before it.
    std::promise<void> gone;
    boost::asio::post(server_->executor(), [&] {
        gate_.reset();
        gone.set_value();
    });
    gone.get_future().wait();
    server_.reset();
}

}  // namespace events::test
