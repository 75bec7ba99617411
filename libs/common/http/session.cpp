// The part of Session that decides, answers and closes; session_read.cpp has what reads, and
// session_watch.cpp what watches the client while its handler runs.

#include "common/http/session.hpp"

#include "common/http/correlation_id.hpp"
#include "common/http/exchange.hpp"
#include "common/http/problem.hpp"
#include "common/http/request_rules.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kWriteStep = 256 * 1024;

/// How long what a client still sends is read and thrown away after it was answered. Closing with
/// unread input resets the connection, and the reset can overtake the answer.
constexpr auto kLinger = 30s;
constexpr auto kLingerSilence = 5s;   ///< between two reads
constexpr auto kLingerDraining = 2s;  ///< in all, once the server drains

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

/// Counts an answer among those on their way, and has some given up when they are too many.
class Unsent {
  public:
    Unsent(Serving& serving, std::size_t bytes) : serving_{serving}, bytes_{bytes} {
        serving_.unsent_bytes += bytes_;
        const auto limit = serving_.options.max_unsent_bytes;
        if (serving_.unsent_bytes > limit && serving_.on_too_much_unsent) {
            serving_.on_too_much_unsent(serving_.unsent_bytes - limit);
        }
    }
    ~Unsent() { serving_.unsent_bytes -= bytes_; }
    Unsent(const Unsent&) = delete;
    Unsent& operator=(const Unsent&) = delete;

  private:
    Serving& serving_;
    std::size_t bytes_;
};

}  // namespace

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

void Session::wait(Wait what, std::size_t bytes) noexcept {
    waiting_ = {.what = what, .since = Clock::now(), .bytes = bytes};
}

bool Session::make_way() {
    error_code ignored;
    if (waiting_.what != Wait::for_reading && socket_.available(ignored) > 0) return false;
    if (waiting_.what == Wait::for_reading) wait(Wait::for_nothing);  // its answer counts once
    socket_.cancel(ignored);
    return true;
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
    std::optional<Exchange>
        exchange;  // in this frame, which lasts: it is too large to allocate often
    bool open = co_await await_request();
    while (open) {
        exchange.emplace();
        open = co_await serve_request(*exchange);
        exchange.reset();
        if (open) open = co_await await_request();
    }
    socket_.close(ignored);
}

awaitable<bool> Session::serve_request(Exchange& exchange) {
    const auto header = co_await read_header(exchange);
    if (header == Input::closed) co_return false;

    std::optional<Response> answer;
    if (header == Input::complete) {
        take_head(exchange);
        answer = refuse(exchange);
        if (answer) discard_buffered_body(exchange);
    } else {
        exchange.correlation_id = make_uuid_v7();
        answer = header == Input::slow ? exchange.refusal(408, "the header did not arrive in time")
                 : header == Input::too_large
                     ? exchange.refusal(431, "the header is too large")
                     : exchange.refusal(400, "the request is not HTTP/1.1");
    }
    if (!answer) {
        const auto body = co_await read_body(exchange);
        if (body == Input::closed) abandon(exchange);
        if (body == Input::closed) co_return false;
        if (body == Input::refused) answer = exchange.request.permit->refusal(exchange.request);
        if (!answer && body != Input::complete) {
            answer = body == Input::slow ? exchange.refusal(408, "the body did not arrive in time")
                     : body == Input::too_large
                         ? exchange.refusal(413, "the body is too large")
                         : exchange.refusal(400, "the body's chunks are malformed");
        }
    }
    if (!answer) answer = co_await handle_watched(exchange);
    if (!answer) co_return false;
    const bool open = co_await reply(exchange, std::move(*answer));
    co_return open;
}

awaitable<bool> Session::await_request() {
    phase_ = Phase::idle;
    wait(Wait::for_request);
    deadline_ = Clock::now() + serving_.options.idle_timeout;
    skip_empty_lines();
    const auto received = [this] {
        return std::string_view{static_cast<const char*>(buffer_.data().data()), buffer_.size()};
    };
    while (received().empty() || received() == "\r") {  // of an empty line that came in two parts
        error_code ignored;
        if (serving_.draining && socket_.available(ignored) == 0) co_return false;
        const auto input = co_await fill(kHeaderRead);
        // Bytes that came while the wait was being ended are a request, which a close would lose.
        if (input != Input::complete && socket_.available(ignored) == 0) co_return false;
        skip_empty_lines();
    }
    phase_ = Phase::busy;
    co_return true;
}

std::optional<Response> Session::refuse(Exchange& exchange) {
    auto& head = exchange.request;
    Router::Match match;
    if (split_target(head)) match = serving_.router.find(head.method, head.path);
    // What clients make up is no label.
    if (!match.path.empty()) {
        head.path = match.path;
        exchange.label = match.path;
    }
    if (const auto refusal = refuse_by_protocol(head, exchange.version)) {
        exchange.keep_alive = false;
        exchange.unread = true;  // where the body ends is not known
        return exchange.refusal(refusal->status, refusal->detail);
    }
    if (match.path.empty()) {
        return exchange.refusal(404, "there is nothing at this path");
    }
    if (match.route == nullptr) {
        auto response = exchange.refusal(405, "this path has: " + match.allow);
        response.headers.emplace_back("Allow", match.allow);
        return response;
    }
    exchange.route = match.route;
    if (head.content_length.value_or(0) > exchange.route->body_limit) {
        return exchange.refusal(
            413, fmt::format("the body is larger than {} bytes", exchange.route->body_limit));
    }
    if (!exchange.route->admission) return std::nullopt;
    try {
        auto permit = exchange.route->admission(head);
        if (!permit) return std::move(permit.error());
        head.permit = std::move(*permit);
        return std::nullopt;
    } catch (const std::exception& error) {
        return failure(exchange, error.what());
    }
}

awaitable<Response> Session::handle(Exchange& exchange) {
    std::optional<Response> response;
    try {
        response = co_await exchange.route->handler(exchange.request);
    } catch (const std::exception& error) {
        response = failure(exchange, error.what());
    } catch (...) {
        response = failure(exchange, "not a std::exception");
    }
    co_return std::move(*response);
}

Response Session::failure(const Exchange& exchange, std::string_view reason) const {
    // What a cancelled handler throws is not a failure of its own.
    if (!aborted_ && !client_left_) {
        serving_.probe.failed(exchange.label, reason, exchange.ids());
    }
    return exchange.refusal(500, "the server failed to answer; its log has the correlationId");
}

void Session::abandon(const Exchange& exchange) {
    if (aborted_) return;  // it was the server that closed
    serving_.probe.abandoned(exchange.label, exchange.method, Clock::now() - exchange.started,
                             exchange.ids());
}

awaitable<bool> Session::reply(Exchange& exchange, Response response) {
    const bool close = !exchange.keep_alive || exchange.unread || serving_.draining;
    const auto head = response_head(response, exchange.correlation_id, serving_.date.text(),
                                    serving_.persistence.fields(close));
    const bool has_body = exchange.method != Method::head && may_have_body(response.status);
    const std::array<asio::const_buffer, 2> parts{
        asio::buffer(head), has_body ? asio::buffer(response.body) : asio::const_buffer{}};
    const WriteStep step{.deadline = &deadline_, .timeout = serving_.options.write_timeout};
    const Unsent unsent{serving_, response.body.size()};
    wait(Wait::for_reading, response.body.size());
    const auto [error, count] = co_await asio::async_write(socket_, parts, step, kAwaitTuple);
    serving_.probe.answered(exchange.label, exchange.method, response.status,
                            Clock::now() - exchange.started, exchange.ids());
    if (error) co_return false;
    if (!close) co_return true;

    error_code ignored;
    if (exchange.unread || buffer_.size() > 0 || socket_.available(ignored) > 0) co_await linger();
    co_return false;
}

awaitable<void> Session::linger() {
    phase_ = Phase::lingering;
    wait(Wait::for_request);
    linger_until_ = Clock::now() + (serving_.draining ? kLingerDraining : kLinger);
    error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    while (!error) {
        deadline_ = std::min(linger_until_, Clock::now() + kLingerSilence);
        buffer_.clear();
        const auto input = co_await fill(kBodyRead);
        if (input != Input::complete || Clock::now() >= linger_until_) co_return;
    }
}

}  // namespace events::http
