// The part of Session that reads; session.cpp has the rest.

#include "common/events/parser.hpp"
#include "common/http/correlation_id.hpp"
#include "common/http/exchange.hpp"
#include "common/http/request_rules.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;
using boost::system::error_code;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
/// By how much a body of known length grows in memory, at least and at most; reads are as large.
/// It doubles between them, so that a slow client holds little more than it sent.
constexpr std::size_t kSmallestStep = 16 * 1024;
constexpr std::size_t kLargestStep = 256 * 1024;

/// A body gets a second beyond its timeout for each of these that came: a large one on a slow line
/// is served, and yet nobody holds a connection for nothing.
constexpr std::uint64_t kSlowestBytesPerSecond = 64 * 1024;

constexpr std::chrono::seconds earned_by(std::uint64_t bytes) {
    return std::chrono::seconds{bytes / kSlowestBytesPerSecond};
}

Method method_of(beast::http::verb verb) noexcept {
    switch (verb) {
        case beast::http::verb::get:
            return Method::get;
        case beast::http::verb::head:
            return Method::head;
        case beast::http::verb::post:
            return Method::post;
        case beast::http::verb::put:
            return Method::put;
        case beast::http::verb::patch:
            return Method::patch;
        case beast::http::verb::delete_:
            return Method::delete_;
        case beast::http::verb::options:
            return Method::options;
        default:
            return Method::other;
    }
}

}  // namespace

awaitable<Session::Input> Session::fill(std::size_t at_most) {
    const auto [error, count] =
        co_await socket_.async_read_some(buffer_.prepare(at_most), kAwaitTuple);
    if (error) co_return classify(error);
    buffer_.commit(count);
    waiting_.since = Clock::now();
    co_return Input::complete;
}

Session::Input Session::classify(error_code error) const {
    const bool swept = error == asio::error::operation_aborted && Clock::now() >= deadline_;
    return swept && !aborted_ ? Input::slow : Input::closed;
}

// The loop is ours, not async_read_header's, since Beast's header_limit bounds each piece that
// arrives, not their sum: a client that sends field by field could go on without end.
awaitable<Session::Input> Session::read_header(Exchange& exchange) {
    const auto limit = serving_.options.max_header_bytes;
    exchange.parser.header_limit(static_cast<std::uint32_t>(limit));
    exchange.parser.body_limit(boost::none);  // the route's limit is not known yet
    deadline_ = exchange.started + serving_.options.header_timeout;
    std::size_t used = 0;
    while (true) {
        error_code error;
        const auto parsed = exchange.parser.put(buffer_.data(), error);
        buffer_.consume(parsed);
        used += parsed;
        const bool more = error == beast::http::error::need_more;
        if (error == beast::http::error::header_limit || used > limit) co_return Input::too_large;
        if (more && used + buffer_.size() >= limit) co_return Input::too_large;
        if (error && !more) co_return Input::malformed;
        if (!more) co_return Input::complete;
        const auto input = co_await fill(kHeaderRead);
        if (input != Input::complete) co_return input;
    }
}

void Session::take_head(Exchange& exchange) {
    const auto& header = exchange.parser.get();
    auto& head = exchange.request;
    head.method = method_of(header.method());
    head.target = std::string{header.target()};
    head.headers.reserve(static_cast<std::size_t>(std::distance(header.begin(), header.end())));
    for (const auto& field : header) {
        head.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    if (const auto length = exchange.parser.content_length()) head.content_length = *length;
    const auto given = head.header("X-Correlation-Id");
    head.correlation_id = given && is_correlation_id(*given) ? *given : make_uuid_v7();
    if (const auto parent = head.header("traceparent")) {
        head.trace = TraceContext::parse(*parent).continued();
    }

    exchange.method = head.method;
    exchange.correlation_id = head.correlation_id;
    exchange.trace = head.trace;
    exchange.version = header.version();
    exchange.keep_alive = exchange.parser.keep_alive();
    exchange.unread = !exchange.parser.is_done();
}

/// Where the whole body came with the header, the connection can stay open after a refusal.
void Session::discard_buffered_body(Exchange& exchange) {
    const auto length = exchange.request.content_length;
    if (!exchange.keep_alive || !length || *length > buffer_.size()) return;
    buffer_.consume(static_cast<std::size_t>(*length));
    exchange.unread = false;
}

awaitable<Session::Input> Session::read_body(Exchange& exchange) {
    auto& body = exchange.request.body;
    if (exchange.parser.is_done()) {
        body.reserve(kPadding);
        co_return Input::complete;
    }
    deadline_ = Clock::now() + serving_.options.body_timeout;
    wait(Wait::for_body);
    if (buffer_.size() == 0 && expects_continue(exchange.request, exchange.version)) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto [error, count] =
            co_await asio::async_write(socket_, asio::buffer(kContinue), kAwaitTuple);
        if (error) co_return classify(error);
    }
    auto input = Input::complete;
    if (exchange.request.content_length) {
        input = co_await read_sized_body(exchange);
    } else {
        input = co_await read_chunked_body(exchange);
    }
    exchange.unread = input != Input::complete;
    co_return input;
}

/// Straight from the socket into the string: memory for the whole is reserved once, but touched
/// only as far as bytes have come.
awaitable<Session::Input> Session::read_sized_body(Exchange& exchange) {
    auto& body = exchange.request.body;
    const auto length = static_cast<std::size_t>(*exchange.request.content_length);
    body.reserve(length + kPadding);
    auto filled = std::min(length, buffer_.size());
    body.assign(static_cast<const char*>(buffer_.data().data()), filled);
    buffer_.consume(filled);
    const auto latest = deadline_;
    while (filled < length) {
        if (filled == body.size()) {
            const auto step = std::clamp(filled, kSmallestStep, kLargestStep);
            body.resize(std::min(length, filled + step));
        }
        const auto room = asio::buffer(body.data() + filled, body.size() - filled);
        const auto [error, count] = co_await socket_.async_read_some(room, kAwaitTuple);
        if (error) co_return classify(error);
        filled += count;
        waiting_.since = Clock::now();
        if (!may_go_on(exchange, filled)) co_return Input::refused;
        deadline_ = latest + earned_by(filled);
    }
    co_return Input::complete;
}

awaitable<Session::Input> Session::read_chunked_body(Exchange& exchange) {
    exchange.parser.body_limit(exchange.route->body_limit);
    const auto latest = deadline_;
    while (!exchange.parser.is_done()) {
        error_code error;
        const auto& body = exchange.parser.get().body();
        const auto before = body.size();
        const auto parsed = buffer_.size() > 0 ? exchange.parser.put(buffer_.data(), error) : 0;
        buffer_.consume(parsed);
        if (error == beast::http::error::body_limit) co_return Input::too_large;
        const bool more = error == beast::http::error::need_more;
        // What adds nothing to the body is a chunk's line or the trailer: those are bounded as
        // well, whether they came at once or wait for their end here.
        const auto line = more ? buffer_.size() : body.size() == before ? parsed : 0;
        if (line > serving_.options.max_header_bytes) co_return Input::malformed;
        if (error && !more) co_return Input::malformed;
        if (exchange.parser.is_done() || (buffer_.size() > 0 && !more)) continue;
        const auto input = co_await fill(kBodyRead);
        if (input != Input::complete) co_return input;
        const auto received = exchange.parser.get().body().size();
        if (!may_go_on(exchange, received + buffer_.size())) co_return Input::refused;
        deadline_ = latest + earned_by(received);
    }
    exchange.request.body = std::move(exchange.parser.get().body());
    exchange.request.body.reserve(exchange.request.body.size() + kPadding);
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    co_return Input::complete;
}

bool Session::may_go_on(const Exchange& exchange, std::uint64_t received) {
    const auto& permit = exchange.request.permit;
    return permit == nullptr || permit->received(received);
}

void Session::skip_empty_lines() {
    constexpr std::string_view kLineBreak = "\r\n";
    while (std::string_view{static_cast<const char*>(buffer_.data().data()), buffer_.size()}
               .starts_with(kLineBreak)) {
        buffer_.consume(kLineBreak.size());
    }
}

}  // namespace events::http
