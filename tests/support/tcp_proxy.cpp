#include "support/tcp_proxy.hpp"

#include "support/ports.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstddef>
#include <future>
#include <utility>
#include <vector>

namespace events::test {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

void send_rst(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger{true, 0}, ignored);
    socket.close(ignored);
}

void send_fin(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

struct TcpProxy::Link {
    explicit Link(tcp::socket from, asio::io_context& io) : client{std::move(from)}, server{io} {}

    void reset() {
        send_rst(client);
        send_rst(server);
    }

    tcp::socket client;
    tcp::socket server;
    bool lossy = false;            ///< something was swallowed
    bool client_sees_end = false;  ///< it had its FIN
};

TcpProxy::TcpProxy(std::uint16_t to)
    : to_{asio::ip::address_v4::loopback(), to}, port_{free_port()} {
    listen();
    thread_ = std::jthread{[this] {
        const auto work = asio::make_work_guard(io_);
        io_.run();
    }};
}

TcpProxy::~TcpProxy() {
    io_.stop();
}

void TcpProxy::listen() {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port_};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen();
    asio::co_spawn(io_, accept(), asio::detached);
}

void TcpProxy::set(ProxyMode mode, std::chrono::milliseconds delay) {
    std::promise<void> done;
    asio::post(io_, [&] {
        apply(mode, delay);
        done.set_value();
    });
    done.get_future().get();
}

void TcpProxy::redirect(std::uint16_t to) {
    std::promise<void> done;
    asio::post(io_, [&] {
        to_.port(to);
        done.set_value();
    });
    done.get_future().get();
}

void TcpProxy::apply(ProxyMode mode, std::chrono::milliseconds delay) {
    if (mode_ == ProxyMode::black_hole && mode != ProxyMode::black_hole) {
        for_each_link([](Link& link) {
            if (link.lossy) link.reset();
        });
    }
    mode_ = mode;
    delay_ = delay;
    if (mode == ProxyMode::reset) for_each_link([](Link& link) { link.reset(); });
    if (mode == ProxyMode::half_close) {
        for_each_link([](Link& link) {
            link.client_sees_end = true;
            send_fin(link.client);
        });
    }
    if (mode == ProxyMode::refuse) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
    } else if (!acceptor_.is_open()) {
        listen();
    }
}

void TcpProxy::for_each_link(const std::function<void(Link&)>& action) {
    std::erase_if(links_, [](const auto& link) { return link.expired(); });
    for (const auto& weak : links_) {
        if (const auto link = weak.lock()) action(*link);
    }
}

awaitable<void> TcpProxy::accept() {
    while (true) {
        auto [error, client] = co_await acceptor_.async_accept(kAwaitTuple);
        if (error == asio::error::operation_aborted) co_return;
        if (error) continue;
        ++accepted_;
        if (mode_ == ProxyMode::reset) {
            send_rst(client);
            continue;
        }
        auto link = std::make_shared<Link>(std::move(client), io_);
        links_.push_back(link);
        asio::co_spawn(io_, serve(std::move(link)), asio::detached);
    }
}

awaitable<void> TcpProxy::serve(std::shared_ptr<Link> link) {
    if (mode_ == ProxyMode::black_hole) {
        link->lossy = true;  // the server never hears of it
    } else {
        const auto [error] = co_await link->server.async_connect(to_, kAwaitTuple);
        if (error) {
            link->reset();
            co_return;
        }
        const tcp::no_delay at_once{true};
        link->client.set_option(at_once);
        link->server.set_option(at_once);
        asio::co_spawn(io_, pump(link, true), asio::detached);
    }
    asio::co_spawn(io_, pump(link, false), asio::detached);
}

awaitable<void> TcpProxy::pump(std::shared_ptr<Link> link, bool to_client) {
    auto& from = to_client ? link->server : link->client;
    auto& to = to_client ? link->client : link->server;
    std::vector<char> bytes(kBufferBytes);
    asio::steady_timer timer{io_};
    while (true) {
        const auto [error, read] = co_await from.async_read_some(asio::buffer(bytes), kAwaitTuple);
        auto count = read;
        if (mode_ == ProxyMode::delay) {
            timer.expires_after(delay_);
            co_await timer.async_wait(kAwaitTuple);
            // What came meanwhile goes along, so that no delay is added to another.
            boost::system::error_code none;
            if (!error && from.available(none) > 0) {
                count += from.read_some(asio::buffer(bytes) + count, none);
            }
        }
        if (mode_ == ProxyMode::black_hole) link->lossy = true;
        if (link->lossy) ++swallowed_;
        if (link->lossy && !error) continue;
        if (link->lossy) {
            // An end is swallowed too: it is kept open until the mode ends.
            while (link->client.is_open()) {
                timer.expires_after(std::chrono::milliseconds{20});
                co_await timer.async_wait(kAwaitTuple);
            }
            co_return;
        }
        if (error) break;
        if (to_client && link->client_sees_end) continue;
        const auto [failure, sent] =
            co_await asio::async_write(to, asio::buffer(bytes.data(), count), kAwaitTuple);
        if (failure) break;
    }
    send_fin(to);
}

}  // namespace events::test
