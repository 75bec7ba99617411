#include "common/http/server.hpp"

#include "common/http/crowd.hpp"
#include "common/http/descriptor_limit.hpp"
#include "common/http/listen.hpp"
#include "common/http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace events::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kSweepInterval = 100ms;
/// The pause after accept() failed, e.g. since no descriptor is left: trying at once would spin.
constexpr auto kAcceptPause = 100ms;
/// Of max_connections, as many make way at a time: finding out who is not done for each of many.
constexpr std::size_t kShareToGo = 256;
/// What cancelled sessions may take to end; only a handler whose work ignores it needs longer.
constexpr auto kAbortPatience = 1s;

}  // namespace

/// The loop and its thread, the acceptor and the sessions.
///
/// Threading: everything runs on the loop's thread, but for what `mutex_` guards, which is how
/// drain() and stop() learn of it.
/// A session keeps this object alive: a handler whose work outlasts the server, in spite of all,
/// comes back to a loop that stands still, not to one that is gone.
class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
  public:
    Impl(ServerOptions options, Router router, logging::Logger log, metrics::Registry& metrics)
        : log_{std::move(log)},
          serving_{.options = std::move(options),
                   .router = std::move(router),
                   .probe = RequestProbe{metrics, log_}},
          acceptor_{listen(io_, serving_.options.host, serving_.options.port)},
          port_{acceptor_.local_endpoint().port()},
          evictions_{metrics.counter("http_evicted_connections_total",
                                     "Connections closed since their clients kept others out.")},
          room_{io_},
          sweeper_{io_} {}

    void start();
    bool quiesce(Clock::time_point deadline);
    bool drain(Clock::time_point deadline);
    void stop();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] asio::any_io_executor executor() noexcept { return io_.get_executor(); }

  private:
    void loop();
    void spare_descriptors();
    awaitable<void> accept();
    awaitable<void> await_room();
    awaitable<void> sweep();
    void begin(tcp::socket socket);
    void end(const std::shared_ptr<Session>& session, const std::exception_ptr& error);
    void stop_accepting();
    void start_draining();
    void abort_sessions();
    bool await_sessions(Clock::time_point deadline);

    asio::io_context io_{1};  // first in, last out: it owns what still waits
    logging::Logger log_;
    Serving serving_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    metrics::Counter& evictions_;
    asio::steady_timer room_;  ///< waited for while max_connections are open
    asio::steady_timer sweeper_;
    Crowd sessions_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t open_ = 0;  ///< sessions
    bool closing_ = false;  ///< no session is added any more
    std::jthread thread_;
};

void Server::Impl::spare_descriptors() {
    auto& most = serving_.options.max_connections;
    const auto affordable = affordable_connections(most);
    if (affordable == most) return;
    log_.warn("fewer connections than configured, by the limit of open files",
              {{"configured", most}, {"connections", affordable}});
    most = affordable;
}

void Server::Impl::start() {
    spare_descriptors();
    serving_.on_too_much_unsent = [this](std::size_t excess) {
        evictions_.Increment(static_cast<double>(give_up_answers(sessions_, excess)));
    };
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, sweep(), asio::detached);
    thread_ = std::jthread{[this] { loop(); }};
    log_.info("listening", {{"host", serving_.options.host}, {"port", port_}});
}

void Server::Impl::loop() {
    while (true) {
        try {
            io_.run();
            return;
        } catch (const std::exception& error) {
            log_.error("work on the HTTP thread failed", {{"err", error.what()}});
        }
    }
}

awaitable<void> Server::Impl::accept() {
    while (acceptor_.is_open()) {
        if (sessions_.size() >= serving_.options.max_connections) {
            co_await await_room();
            continue;
        }
        auto [error, socket] = co_await acceptor_.async_accept(kAwaitTuple);
        if (!error) {
            begin(std::move(socket));
        } else if (acceptor_.is_open() && error != asio::error::connection_aborted) {
            log_.warn("can not accept a connection", {{"err", error.message()}});
            room_.expires_after(kAcceptPause);
            co_await room_.async_wait(kAwaitTuple);
        }
    }
}

/// Nobody has to go before somebody else is there.
awaitable<void> Server::Impl::await_room() {
    const auto [error] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, kAwaitTuple);
    const auto limit = serving_.options.max_connections;
    if (error || sessions_.size() < limit) co_return;
    evictions_.Increment(
        static_cast<double>(make_room(sessions_, std::max<std::size_t>(limit / kShareToGo, 1))));
    room_.expires_after(kAcceptPause);
    co_await room_.async_wait(kAwaitTuple);
}

awaitable<void> Server::Impl::sweep() {
    while (true) {
        sweeper_.expires_after(kSweepInterval);
        co_await sweeper_.async_wait(kAwaitTuple);
        const auto now = Clock::now();
        for (const auto& session : sessions_) session->sweep(now);
    }
}

void Server::Impl::begin(tcp::socket socket) {
    if (serving_.draining) return;
    const auto session = std::make_shared<Session>(std::move(socket), serving_);
    sessions_.insert(session);
    {
        const std::lock_guard lock{mutex_};
        ++open_;
    }
    auto ended = [self = shared_from_this(), session](const std::exception_ptr& error) {
        self->end(session, error);
    };
    asio::co_spawn(io_, session->run(),
                   asio::bind_cancellation_slot(session->cancellation(), std::move(ended)));
}

void Server::Impl::end(const std::shared_ptr<Session>& session, const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const boost::system::system_error& aborted) {
        // A session that was aborted ends like this.
        if (aborted.code() != asio::error::operation_aborted) {
            log_.error("a connection failed", {{"err", aborted.what()}});
        }
    } catch (const std::exception& failure) {
        log_.error("a connection failed", {{"err", failure.what()}});
    } catch (...) {
        log_.error("a connection failed", {{"err", "not a std::exception"}});
    }
    sessions_.erase(session);
    room_.cancel();
    {
        const std::lock_guard lock{mutex_};
        --open_;
    }
    changed_.notify_all();
}

void Server::Impl::stop_accepting() {
    error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    serving_.draining = true;
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
    }
    changed_.notify_all();
}

void Server::Impl::start_draining() {
    stop_accepting();
    for (const auto& session : sessions_) session->drain();
}

void Server::Impl::abort_sessions() {
    stop_accepting();
    const auto open = sessions_;  // a session may end meanwhile
    for (const auto& session : open) session->abort();
}

bool Server::Impl::await_sessions(Clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, deadline, [this] { return closing_ && open_ == 0; });
}

bool Server::Impl::quiesce(Clock::time_point deadline) {
    asio::post(io_, [this] { start_draining(); });
    return await_sessions(deadline);
}

bool Server::Impl::drain(Clock::time_point deadline) {
    if (quiesce(deadline)) return true;
    asio::post(io_, [this] { abort_sessions(); });
    static_cast<void>(await_sessions(Clock::now() + kAbortPatience));
    return false;
}

void Server::Impl::stop() {
    asio::post(io_, [this] { abort_sessions(); });
    if (!await_sessions(Clock::now() + kAbortPatience)) {
        log_.warn("a request's work did not end with the HTTP server");
    }
    io_.stop();
    thread_.join();
}

Server::Server(ServerOptions options, Router router, logging::Logger log,
               metrics::Registry& metrics)
    : impl_{
          std::make_shared<Impl>(std::move(options), std::move(router), std::move(log), metrics)} {
    impl_->start();
}

Server::~Server() {
    impl_->stop();
}

std::uint16_t Server::port() const noexcept {
    return impl_->port();
}

asio::any_io_executor Server::executor() noexcept {
    return impl_->executor();
}

bool Server::quiesce(std::chrono::steady_clock::time_point deadline) {
    return impl_->quiesce(deadline);
}

bool Server::drain(std::chrono::steady_clock::time_point deadline) {
    return impl_->drain(deadline);
}

}  // namespace events::http
