#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <thread>

namespace events::test {

/// What the network does to the connections through a TcpProxy.
enum class ProxyMode : std::uint8_t {
    pass,
    /// Ends what is open with an RST, and each new connection as soon as it is accepted.
    reset,
    /// Accepts and swallows: nothing arrives anywhere, and nobody is told. What lost something here
    /// is reset when the mode ends, as a host that comes back does with what it doesn't know.
    black_hole,
    /// Each direction is late by a while at most; at most 256 KiB are on their way.
    delay,
    /// Ends, once, the direction to the client of what is open; the other one and new connections
    /// go on.
    half_close,
    /// Nobody listens; what is open goes on.
    refuse,
};

/// Passes loopback connections on to a port of this machine, and fails as it is told. It listens on
/// one port all its life.
///
/// A thread of its own; set() and the counters are thread-safe.
class TcpProxy {
  public:
    explicit TcpProxy(std::uint16_t to);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// Returns when it is in force, for open connections too. `delay` is for ProxyMode::delay.
    void set(ProxyMode mode, std::chrono::milliseconds delay = {});

    /// From here on new connections go to another port; what is open is left alone.
    void redirect(std::uint16_t to);

    /// How many connections were accepted so far.
    [[nodiscard]] int accepted() const noexcept { return accepted_.load(); }

    /// How often bytes, or an end, came into the black hole so far.
    [[nodiscard]] int swallowed() const noexcept { return swallowed_.load(); }

  private:
    struct Link;

    void listen();
    void apply(ProxyMode mode, std::chrono::milliseconds delay);
    void for_each_link(const std::function<void(Link&)>& action);
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(std::shared_ptr<Link> link);
    boost::asio::awaitable<void> pump(std::shared_ptr<Link> link, bool to_client);

    // All but the counters and the port belong to the thread.
    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::endpoint to_;
    boost::asio::ip::tcp::acceptor acceptor_{io_};
    std::uint16_t port_;
    ProxyMode mode_ = ProxyMode::pass;
    std::chrono::milliseconds delay_{};
    std::list<std::weak_ptr<Link>> links_;
    std::atomic<int> accepted_{0};
    std::atomic<int> swallowed_{0};
    std::jthread thread_;
};

}  // namespace events::test
