#pragma once

#include "common/http/server.hpp"
#include "support/log_lines.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace events::test {

/// Options of a server on a free loopback port whose timeouts no test should reach.
[[nodiscard]] http::ServerOptions patient_options();

/// A server with a route for each thing a test needs:
///   GET /hello; POST /echo (64 KiB); POST /size (50 MiB, answers the length); GET /fail (throws);
///   GET /held (answers once release() was called);
///   GET /watched (the same, but it is cancelled when the client leaves); POST /refused (its
///   admission answers 503); POST /careless (its admission throws); GET /empty (204); GET /large (8
///   MiB)
class TestServer {
  public:
    explicit TestServer(http::ServerOptions options = patient_options());
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] http::Server& server() { return *server_; }
    [[nodiscard]] std::string metrics() const { return metrics_.text(); }

    /// Waits until `count` requests are in the handler of /held or /watched.
    [[nodiscard]] bool await_held(int count) const;
    /// Waits until `count` of those handlers were cancelled.
    [[nodiscard]] bool await_cancelled(int count) const;
    [[nodiscard]] int cancelled() const { return held_.cancelled.load(); }
    /// Lets /held and /watched answer, now and from here on.
    void release();
    /// What the server has logged so far.
    [[nodiscard]] std::string log() const;
    /// Ends the server.
    void stop();

  private:
    http::Router make_router();

    struct Held {
        std::atomic<int> begun{0};
        std::atomic<int> cancelled{0};
    };
    static boost::asio::awaitable<http::Response> hold(
        Held& held, std::shared_ptr<boost::asio::steady_timer> gate);

    std::shared_ptr<LogLines> lines_ = std::make_shared<LogLines>();
    metrics::Registry metrics_;
    Held held_;
    std::shared_ptr<boost::asio::steady_timer> gate_;
    std::optional<http::Server> server_;
};

}  // namespace events::test
