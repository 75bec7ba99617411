#include "common/http/session.hpp"

#include "common/events/parser.hpp"
#include "common/http/correlation_id.hpp"
#include "common/http/problem.hpp"
#include "common/http/request_rules.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kHeaderRead = 8 * 1024;
constexpr std::size_t kBodyRead = 256 * 1024;
constexpr std::size_t kDiscardRead = 64 * 1024;
constexpr std::size_t kWriteStep = 256 * 1024;

/// A body gets a second beyond its timeout for each of these that came: a large one on a slow line
/// is served, and yet nobody holds a connection for nothing.
constexpr std::uint64_t kSlowestBytesPerSecond = 64 * 1024;

constexpr std::chrono::seconds earned_by(std::uint64_t bytes) {
    return std::chrono::seconds{bytes / kSlowestBytesPerSecond};
}

/// How long what a client still sends is read and thrown away after it was answered. Closing with
/// unread input resets the connection, and the reset can overtake the answer.
constexpr auto kLinger = 30s;
constexpr auto kLingerSilence = 5s;   ///< between two reads
constexpr auto kLingerDraining = 2s;  ///< in all, once the server drains

constexpr auto kNever = Session::Clock::time_point::max();

/// async_write asks this before each step how much to send: there is time for each anew, since
/// what the system's buffers took at once says nothing of the client's pace.
struct WriteStep {
    Session::Clock::time_point* deadline;
    std::chrono::milliseconds timeout;

    std::size_t operator()(const error_code& error, std::size_t) const {
        *deadline = Session::Clock::now() + timeout;
        return error ? 0 : kWriteStep;
    }
};

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

/// The path as a label: that of a route, or "other" for what clients make up.
std::string_view label_of(const Router& router, std::string_view path) {
    const auto& routes = router.routes();
    const auto found = std::ranges::find(routes, path, &Route::path);
    return found == routes.end() ? std::string_view{"other"} : std::string_view{found->path};
}

}  // namespace

struct Session::Exchange {
    beast::http::request_parser<beast::http::string_body> parser;
    Request request;  ///< the handler may move from it
    const Route* route = nullptr;
    std::string_view label = "other";
    Clock::time_point started = Clock::now();
    std::string correlation_id;
    Method method = Method::other;
    unsigned version = 11;
    bool keep_alive = false;
    bool unread = true;  ///< a part of the request may not have been read

    /// An error that the server makes by itself.
    [[nodiscard]] Response refusal(unsigned status, std::string_view detail) const {
        return problem(status, detail, correlation_id);
    }
};

Session::Session(asio::ip::tcp::socket socket, Serving& serving)
    : socket_{std::move(socket)}, serving_{serving} {}

void Session::sweep(Clock::time_point now) {
    if (now < deadline_) return;
    error_code ignored;
    socket_.cancel(ignored);
}

void Session::drain() {
    error_code ignored;
    if (phase_ == Phase::lingering) {
        linger_until_ = std::min(linger_until_, Clock::now() + kLingerDraining);
        deadline_ = std::min(deadline_, linger_until_);
    }
    // A request that has arrived but was not read yet is in hand too.
    if (phase_ == Phase::idle && socket_.available(ignored) == 0) socket_.cancel(ignored);
}

void Session::abort() {
    aborted_ = true;
    error_code ignored;
    socket_.close(ignored);
    cancel_.emit(asio::cancellation_type::terminal);
}

awaitable<void> Session::run() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    bool open = true;
    while (open) open = co_await exchange();
    socket_.close(ignored);
}

awaitable<bool> Session::exchange() {
    const bool arrived = co_await await_request();
    if (!arrived) co_return false;

    Exchange x;
    const auto header = co_await read_header(x);
    if (header == Input::closed) co_return false;

    std::optional<Response> answer;
    if (header == Input::complete) {
        take_head(x);
        answer = refuse(x);
        if (answer) discard_buffered_body(x);
    } else {
        x.correlation_id = make_uuid_v7();
        answer = header == Input::slow        ? x.refusal(408, "the header did not arrive in time")
                 : header == Input::too_large ? x.refusal(431, "the header is too large")
                                              : x.refusal(400, "the request is not HTTP/1.1");
    }
    if (!answer) {
        const auto body = co_await read_body(x);
        if (body == Input::closed) co_return false;
        if (body != Input::complete) {
            answer = body == Input::slow        ? x.refusal(408, "the body did not arrive in time")
                     : body == Input::too_large ? x.refusal(413, "the body is too large")
                                                : x.refusal(400, "the body's chunks are malformed");
        }
    }
    if (!answer) answer = co_await handle(x);
    const bool open = co_await reply(x, std::move(*answer));
    co_return open;
}

awaitable<bool> Session::await_request() {
    phase_ = Phase::idle;
    deadline_ = Clock::now() + serving_.options.idle_timeout;
    skip_empty_lines();
    while (buffer_.size() == 0) {
        error_code ignored;
        if (serving_.draining && socket_.available(ignored) == 0) co_return false;
        const auto input = co_await fill(kHeaderRead);
        if (input != Input::complete) co_return false;
        skip_empty_lines();
    }
    phase_ = Phase::busy;
    co_return true;
}

awaitable<Session::Input> Session::fill(std::size_t at_most) {
    const auto [error, count] =
        co_await socket_.async_read_some(buffer_.prepare(at_most), kAwaitTuple);
    if (error) co_return classify(error);
    buffer_.commit(count);
    co_return Input::complete;
}

Session::Input Session::classify(error_code error) const {
    const bool swept = error == asio::error::operation_aborted && Clock::now() >= deadline_;
    return swept && !aborted_ ? Input::slow : Input::closed;
}

// The loop is ours, not async_read_header's, since Beast's header_limit bounds each piece that
// arrives, not their sum: a client that sends field by field could go on without end.
awaitable<Session::Input> Session::read_header(Exchange& x) {
    const auto limit = serving_.options.max_header_bytes;
    x.parser.header_limit(static_cast<std::uint32_t>(limit));
    x.parser.body_limit(boost::none);  // the route's limit is not known yet
    deadline_ = x.started + serving_.options.header_timeout;
    std::size_t used = 0;
    while (true) {
        error_code error;
        const auto parsed = x.parser.put(buffer_.data(), error);
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

void Session::take_head(Exchange& x) {
    const auto& header = x.parser.get();
    auto& head = x.request;
    head.method = method_of(header.method());
    head.target = std::string{header.target()};
    for (const auto& field : header) {
        head.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
    }
    if (const auto length = x.parser.content_length()) head.content_length = *length;
    const auto given = head.header("X-Correlation-Id");
    head.correlation_id = given && is_correlation_id(*given) ? *given : make_uuid_v7();

    x.method = head.method;
    x.correlation_id = head.correlation_id;
    x.version = header.version();
    x.keep_alive = x.parser.keep_alive();
    x.unread = !x.parser.is_done();
}

std::optional<Response> Session::refuse(Exchange& x) {
    auto& head = x.request;
    if (split_target(head)) x.label = label_of(serving_.router, head.path);
    if (const auto refusal = refuse_by_protocol(head, x.version)) {
        x.keep_alive = false;
        x.unread = true;  // where the body ends is not known
        return x.refusal(refusal->status, refusal->detail);
    }
    const auto match = serving_.router.find(head.method, head.path);
    if (match.route == nullptr && match.allow.empty()) {
        return x.refusal(404, "there is nothing at this path");
    }
    if (match.route == nullptr) {
        auto response = x.refusal(405, "this path has: " + match.allow);
        response.headers.emplace_back("Allow", match.allow);
        return response;
    }
    x.route = match.route;
    if (head.content_length.value_or(0) > x.route->body_limit) {
        return x.refusal(413, fmt::format("the body is larger than {} bytes", x.route->body_limit));
    }
    if (!x.route->admission) return std::nullopt;
    try {
        auto permit = x.route->admission(head);
        if (!permit) return std::move(permit.error());
        head.permit = std::move(*permit);
        return std::nullopt;
    } catch (const std::exception& error) {
        return failure(x, error.what());
    }
}

/// Where the whole body came with the header, the connection can stay open after a refusal.
void Session::discard_buffered_body(Exchange& x) {
    const auto length = x.request.content_length;
    if (!x.keep_alive || !length || *length > buffer_.size()) return;
    buffer_.consume(static_cast<std::size_t>(*length));
    x.unread = false;
}

awaitable<Session::Input> Session::read_body(Exchange& x) {
    auto& body = x.request.body;
    if (x.parser.is_done()) {
        body.reserve(kPadding);
        co_return Input::complete;
    }
    deadline_ = Clock::now() + serving_.options.body_timeout;
    if (expects_continue(x.request, x.version) && buffer_.size() == 0) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto [error, count] =
            co_await asio::async_write(socket_, asio::buffer(kContinue), kAwaitTuple);
        if (error) co_return classify(error);
    }
    auto input = Input::complete;
    if (x.request.content_length) {
        input = co_await read_sized_body(x);
    } else {
        input = co_await read_chunked_body(x);
    }
    x.unread = input != Input::complete;
    co_return input;
}

/// Straight from the socket into the string: memory for the whole is reserved once, but touched
/// only as far as bytes have come.
awaitable<Session::Input> Session::read_sized_body(Exchange& x) {
    auto& body = x.request.body;
    const auto length = static_cast<std::size_t>(*x.request.content_length);
    body.reserve(length + kPadding);
    auto filled = std::min(length, buffer_.size());
    body.assign(static_cast<const char*>(buffer_.data().data()), filled);
    buffer_.consume(filled);
    const auto latest = deadline_;
    while (filled < length) {
        if (filled == body.size()) body.resize(std::min(length, filled + kBodyRead));
        const auto room = asio::buffer(body.data() + filled, body.size() - filled);
        const auto [error, count] = co_await socket_.async_read_some(room, kAwaitTuple);
        if (error) co_return classify(error);
        filled += count;
        deadline_ = latest + earned_by(filled);
    }
    co_return Input::complete;
}

awaitable<Session::Input> Session::read_chunked_body(Exchange& x) {
    x.parser.body_limit(x.route->body_limit);
    const auto latest = deadline_;
    while (!x.parser.is_done()) {
        error_code error;
        if (buffer_.size() > 0) buffer_.consume(x.parser.put(buffer_.data(), error));
        if (error == beast::http::error::body_limit) co_return Input::too_large;
        const bool more = error == beast::http::error::need_more;
        // What waits for its end here is a chunk's line or the trailer: those are bounded as well.
        if (more && buffer_.size() > serving_.options.max_header_bytes) co_return Input::malformed;
        if (error && !more) co_return Input::malformed;
        if (x.parser.is_done() || (buffer_.size() > 0 && !more)) continue;
        const auto input = co_await fill(kDiscardRead);
        if (input != Input::complete) co_return input;
        deadline_ = latest + earned_by(x.parser.get().body().size());
    }
    x.request.body = std::move(x.parser.get().body());
    x.request.body.reserve(x.request.body.size() + kPadding);
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    co_return Input::complete;
}

awaitable<Response> Session::handle(Exchange& x) {
    deadline_ = kNever;  // the handler has its own
    std::optional<Response> response;
    try {
        response = co_await x.route->handler(x.request);
    } catch (const std::exception& error) {
        response = failure(x, error.what());
    } catch (...) {
        response = failure(x, "not a std::exception");
    }
    co_return std::move(*response);
}

Response Session::failure(const Exchange& x, std::string_view reason) const {
    if (!aborted_) serving_.probe.failed(x.label, reason, x.correlation_id);
    return x.refusal(500, "the server failed to answer; its log has the correlationId");
}

awaitable<bool> Session::reply(Exchange& x, Response response) {
    const bool close = !x.keep_alive || x.unread || serving_.draining;
    const auto head = response_head(response, x.correlation_id,
                                    close            ? Persistence::close
                                    : x.version < 11 ? Persistence::keep_if_asked
                                                     : Persistence::keep);
    const bool has_body = x.method != Method::head && may_have_body(response.status);
    const std::array<asio::const_buffer, 2> parts{
        asio::buffer(head), has_body ? asio::buffer(response.body) : asio::const_buffer{}};
    const WriteStep step{.deadline = &deadline_, .timeout = serving_.options.write_timeout};
    const auto [error, count] = co_await asio::async_write(socket_, parts, step, kAwaitTuple);
    serving_.probe.answered(x.label, x.method, response.status, Clock::now() - x.started,
                            x.correlation_id);
    if (error) co_return false;
    if (!close) co_return true;

    error_code ignored;
    if (x.unread || buffer_.size() > 0 || socket_.available(ignored) > 0) co_await linger();
    co_return false;
}

awaitable<void> Session::linger() {
    phase_ = Phase::lingering;
    linger_until_ = Clock::now() + (serving_.draining ? kLingerDraining : kLinger);
    error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    while (!error) {
        deadline_ = std::min(linger_until_, Clock::now() + kLingerSilence);
        buffer_.clear();
        const auto input = co_await fill(kDiscardRead);
        if (input != Input::complete || Clock::now() >= linger_until_) co_return;
    }
}

void Session::skip_empty_lines() {
    constexpr std::string_view kLineBreak = "\r\n";
    while (std::string_view{static_cast<const char*>(buffer_.data().data()), buffer_.size()}
               .starts_with(kLineBreak)) {
        buffer_.consume(kLineBreak.size());
    }
}

}  // namespace events::http
