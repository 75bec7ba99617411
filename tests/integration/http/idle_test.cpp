// A session whose wait for a request is ended, step by step on the test's own thread.
#include "common/http/session.hpp"
#include "support/log_lines.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

namespace events::http {
namespace {

boost::asio::awaitable<Response> hello() {
    co_return Response{.body = "hello"};
}

class Idle : public ::testing::Test {
  protected:
    Idle() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
            throw std::runtime_error{"socketpair"};
        }
        client_ = ends[0];
        boost::asio::ip::tcp::socket socket{io_};
        socket.assign(boost::asio::ip::tcp::v4(), ends[1]);
        session_.emplace(std::move(socket), serving_);
        boost::asio::co_spawn(io_, session_->run(),
                              [this](const std::exception_ptr&) { ended_ = true; });
        settle();
    }
    ~Idle() override { ::close(client_); }

    void settle() {
        io_.restart();
        while (io_.poll() > 0) {
        }
    }
    void send(std::string_view text) const {
        ASSERT_EQ(::send(client_, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    [[nodiscard]] std::string received() const {
        std::array<char, 4096> bytes{};
        const auto count = ::recv(client_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }
    /// As the server does when the idle timeout is over.
    void end_wait() { session_->sweep(Session::Clock::time_point::max()); }

    boost::asio::io_context io_{1};
    metrics::Registry metrics_;
    Serving serving_{
        .options = {},
        .router =
            [] {
                Router router;
                router.add({.method = Method::get, .path = "/hello", .handler = [](Request&) {
                                return hello();
                            }});
                return router;
            }(),
        .probe = RequestProbe{
            metrics_, test::make_log(std::make_shared<test::LogLines>(), logging::Level::fatal)}};
    std::optional<Session> session_;
    int client_ = -1;
    bool ended_ = false;
};

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(Idle, IsClosedWhenItsTimeIsOver) {
    end_wait();
    settle();
    EXPECT_TRUE(ended_);
}

// A request that came in the last moment met a close, which reset the connection: a sender that
// posts once a minute, as long as the timeout was, lost a POST now and then.
TEST_F(Idle, IsNotClosedWhereARequestWaits) {
    for (int round = 0; round < 3; ++round) {
        send(kHello);
        end_wait();
        settle();
        EXPECT_TRUE(received().starts_with("HTTP/1.1 200 OK\r\n"));
        EXPECT_FALSE(ended_);
    }
    end_wait();
    settle();
    EXPECT_TRUE(ended_);
}

TEST_F(Idle, IsToldToClients) {
    send(kHello);
    settle();
    const auto answer = received();
    EXPECT_NE(answer.find("\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n"),
              std::string::npos)
        << answer;
    EXPECT_NE(answer.find("\r\nDate: "), std::string::npos);
}

}  // namespace
}  // namespace events::http
