// The part of Session that watches the client while its handler runs; session.cpp has the rest.

#include "common/http/exchange.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <poll.h>

#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kNever = Session::Clock::time_point::max();

}  // namespace

/// The handler's answer; none when the client left first, and the handler was told to end.
awaitable<std::optional<Response>> Session::handle_watched(Exchange& exchange) {
    using namespace asio::experimental::awaitable_operators;
    deadline_ = kNever;  // the handler has its own
    wait(Wait::for_nothing);
    if (!exchange.route->cancel_when_client_leaves) co_return co_await handle(exchange);

    // Whichever ends first cancels the other one; both have ended when this goes on.
    auto first = co_await (handle(exchange) || await_departure(exchange.version));
    if (!client_left_) co_return std::move(std::get<0>(first));
    abandon(exchange);
    co_return std::nullopt;
}

/// Ends when the client has left, or when it is cancelled since the handler has ended.
///
/// A reset means that the client left. The end of its input (FIN) may mean that as well, or only
/// that it asks nothing more and waits for the answer (`nc -N`): the two look the same until
/// something is sent, which a client that left answers with a reset. So HTTP/1.1 clients are sent
/// an interim response, that each of them must skip (RFC 9110, 15.2); 100, since it is the one that
/// all of them know. HTTP/1.0 has none; those that close, proxies above all, have left.
///
/// Nothing is polled: epoll tells of a reset even when nothing is read any more.
awaitable<void> Session::await_departure(unsigned version) {
    const auto end = co_await read_ahead();
    if (end == asio::error::operation_aborted || aborted_) co_return;
    client_left_ = end == asio::error::eof ? version < 11 || !ask_for_a_sign_of_life() : !!end;
    if (client_left_) co_return;

    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_error, kAwaitTuple);
    if (error == asio::error::operation_aborted || aborted_) co_return;
    client_left_ = error || broken();
    if (client_left_) co_return;
    // Woken by urgent data, which nobody reads: it would wake again and again.
    asio::steady_timer never{socket_.get_executor(), kNever};
    co_await never.async_wait(kAwaitTuple);
}

/// Keeps what the client sends before its answer, pipelined requests, for the time after it. Ends
/// with an error, or without one when that is as much as one request's header may be.
awaitable<error_code> Session::read_ahead() {
    while (buffer_.size() < kHeaderRead) {
        const auto room = buffer_.prepare(kHeaderRead - buffer_.size());
        const auto [error, count] = co_await socket_.async_read_some(room, kAwaitTuple);
        buffer_.commit(count);
        if (error) co_return error;
    }
    co_return error_code{};
}

/// False when the connection is known to be broken already.
bool Session::ask_for_a_sign_of_life() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    error_code error;
    socket_.non_blocking(true, error);  // of calls like this one; asynchronous ones don't care
    const auto sent = socket_.write_some(asio::buffer(kContinue), error);
    // Its buffers are full of earlier answers that it did not read: they ask as well.
    if (error == asio::error::would_block) return true;
    return !error && sent == kContinue.size();
}

/// Whether the connection is closed in both directions.
bool Session::broken() {
    pollfd state{.fd = socket_.native_handle(), .events = 0, .revents = 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

}  // namespace events::http
