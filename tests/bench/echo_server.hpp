#pragma once

#include "processes.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <thread>

namespace events::bench {

/// The least that a Beast server can do with a POST, on one thread: read it whole and answer 201
/// with a short JSON body. What the gateway's HTTP is compared with.
class EchoServer {
  public:
    EchoServer();
    ~EchoServer();
    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    /// Of the server's thread.
    [[nodiscard]] CpuTime cpu_time() { return cpu_time_of_thread(thread_.native_handle()); }

  private:
    void accept();

    boost::asio::io_context io_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::jthread thread_;
};

}  // namespace events::bench
