#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstdint>
#include <thread>

namespace events::test {

/// Passes connections on to a port of this machine; those that come between hold() and pass() only
/// once release() was called.
class Relay {
  public:
    explicit Relay(std::uint16_t to);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void hold() { holding_ = true; }
    void pass() { holding_ = false; }
    void release();
    [[nodiscard]] int held() const { return held_.load(); }    ///< so far
    [[nodiscard]] int ended() const { return ended_.load(); }  ///< of the held ones, by the server

  private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket client);

    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::endpoint to_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer gate_;
    std::atomic<bool> holding_{false};
    std::atomic<int> held_{0};
    std::atomic<int> ended_{0};
    std::jthread thread_;
};

}  // namespace events::test
