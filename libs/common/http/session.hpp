#pragma once

#include "common/http/date.hpp"
#include "common/http/request_probe.hpp"
#include "common/http/router.hpp"
#include "common/http/server.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace events::http {

/// What the sessions of a server share.
struct Serving {
    ServerOptions options;
    Router router;
    RequestProbe probe;
    Persistence persistence{options.idle_timeout};
    CurrentDate date{};
    /// Called when more of the answers than max_unsent_bytes wait for clients to take them.
    std::function<void(std::size_t excess)> on_too_much_unsent{};
    std::size_t unsent_bytes = 0;  ///< of answers on their way
    bool draining = false;
};

/// One connection: reads a request, has it answered, and again, until either side closes.
///
/// Timeouts: no operation has a timer of its own. Each phase sets `deadline_`; sweep(), which the
/// server calls for every session, cancels what is pending once that has passed. The connection is
/// still whole then, so that the phase can answer 408.
/// Threading: the server's thread only.
/// Failure: a connection that broke just ends; an exception of a handler becomes a 500.
class Session {
  public:
    using Clock = std::chrono::steady_clock;

    Session(boost::asio::ip::tcp::socket socket, Serving& serving);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Serves the connection to its end; the session must outlive it.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Cancels what is pending when its time is over; called again and again, so that it does no
    /// harm when the operation had just ended by itself.
    void sweep(Clock::time_point now);
    /// Closes the connection when no request is in hand; `Serving::draining` does the rest.
    void drain();
    /// Closes the connection and cancels what a handler awaits.
    void abort();

    /// What the client is to do next, in the order in which sessions make way for others.
    enum class Wait : std::uint8_t { for_request, for_body, for_reading, for_nothing };
    struct Waiting {
        Wait what;
        Clock::time_point since;  ///< the last byte of the client, or the beginning of the answer
        std::size_t bytes;        ///< of the answer
    };
    [[nodiscard]] Waiting waiting() const noexcept { return waiting_; }
    /// Lets the client go that it waits for, without an answer. False, and nothing happens, when a
    /// request has just arrived.
    bool make_way();

    [[nodiscard]] boost::asio::cancellation_slot cancellation() noexcept { return cancel_.slot(); }

  private:
    enum class Phase : std::uint8_t { idle, busy, lingering };
    /// How reading went.
    enum class Input : std::uint8_t { complete, closed, slow, malformed, too_large, refused };
    /// A request on its way through the session.
    struct Exchange;

    boost::asio::awaitable<bool> await_request();
    boost::asio::awaitable<bool> serve_request(Exchange& exchange);
    boost::asio::awaitable<Input> fill(std::size_t at_most);
    boost::asio::awaitable<Input> read_header(Exchange& exchange);
    boost::asio::awaitable<Input> read_body(Exchange& exchange);
    boost::asio::awaitable<Input> read_sized_body(Exchange& exchange);
    boost::asio::awaitable<Input> read_chunked_body(Exchange& exchange);
    boost::asio::awaitable<Response> handle(Exchange& exchange);
    boost::asio::awaitable<std::optional<Response>> handle_watched(Exchange& exchange);
    boost::asio::awaitable<void> await_departure(unsigned version);
    boost::asio::awaitable<boost::system::error_code> read_ahead();
    boost::asio::awaitable<bool> reply(Exchange& exchange, Response response);
    boost::asio::awaitable<void> linger();

    void wait(Wait what, std::size_t bytes = 0) noexcept;
    void take_head(Exchange& exchange);
    /// Asks the route's permit whether more of the body may come.
    static bool may_go_on(const Exchange& exchange, std::uint64_t received);
    std::optional<Response> refuse(Exchange& exchange);
    Response failure(const Exchange& exchange, std::string_view reason) const;
    void abandon(const Exchange& exchange);
    bool ask_for_a_sign_of_life();
    bool broken();
    void discard_buffered_body(Exchange& exchange);
    void skip_empty_lines();
    [[nodiscard]] Input classify(boost::system::error_code error) const;

    boost::asio::ip::tcp::socket socket_;
    Serving& serving_;
    boost::asio::cancellation_signal cancel_;
    boost::beast::flat_buffer buffer_;  ///< received, not yet used
    Clock::time_point deadline_ = Clock::time_point::max();
    Waiting waiting_{Wait::for_request, Clock::now(), 0};
    Clock::time_point linger_until_ = Clock::time_point::max();
    Phase phase_ = Phase::idle;
    bool aborted_ = false;
    bool client_left_ = false;  ///< while its handler ran
};

}  // namespace events::http
