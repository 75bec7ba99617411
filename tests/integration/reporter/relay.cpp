#include "relay.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace events::test {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kNever = std::chrono::steady_clock::time_point::max();

awaitable<void> pump(tcp::socket& from, tcp::socket& to) {
    std::array<char, 16 * 1024> bytes{};
    while (true) {
        const auto [error, count] = co_await from.async_read_some(asio::buffer(bytes), kAwaitTuple);
        if (error) break;
        const auto [failure, sent] =
            co_await asio::async_write(to, asio::buffer(bytes.data(), count), kAwaitTuple);
        if (failure) break;
    }
    boost::system::error_code ignored;
    to.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

Relay::Relay(std::uint16_t to)
    : to_{asio::ip::address_v4::loopback(), to},
      acceptor_{io_, {asio::ip::address_v4::loopback(), 0}},
      gate_{io_, kNever} {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::jthread{[this] { io_.run(); }};
}

Relay::~Relay() {
    io_.stop();
}

void Relay::release() {
    asio::post(io_, [this] { gate_.expires_at(std::chrono::steady_clock::time_point::min()); });
}

awaitable<void> Relay::accept() {
    while (true) {
        auto [error, client] = co_await acceptor_.async_accept(kAwaitTuple);
        if (!error) asio::co_spawn(io_, serve(std::move(client)), asio::detached);
    }
}

awaitable<void> Relay::serve(tcp::socket client) {
    using namespace asio::experimental::awaitable_operators;
    const bool held = holding_.load();
    if (held) {
        ++held_;
        co_await gate_.async_wait(kAwaitTuple);
    }
    tcp::socket server{io_};
    co_await server.async_connect(to_, asio::use_awaitable);
    co_await (pump(client, server) && pump(server, client));
    if (held) ++ended_;
}

}  // namespace events::test
