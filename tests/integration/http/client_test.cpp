#include "common/http/client.hpp"

#include "support/await.hpp"
#include "support/ports.hpp"
#include "test_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using test::TestServer;
using ::testing::HasSubstr;

/// Accepts connections one after the other and lets a script talk on each.
class ScriptedServer {
  public:
    using Script = std::function<void(tcp::socket&)>;

    explicit ScriptedServer(std::vector<Script> scripts)
        : acceptor_{io_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}},
          port_{acceptor_.local_endpoint().port()},
          thread_{[this, scripts = std::move(scripts)] {
              for (const auto& script : scripts) serve(script);
          }} {}

    /// Whoever expected another connection is told that none comes.
    ~ScriptedServer() { ::shutdown(acceptor_.native_handle(), SHUT_RDWR); }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Waits until every script has run.
    void join() { thread_.join(); }
    /// How many connections have ended, on the server's side.
    [[nodiscard]] int closed() const { return closed_; }

  private:
    void serve(const Script& script) {
        boost::system::error_code error;
        {
            auto socket = acceptor_.accept(error);
            if (error) return;
            script(socket);
        }
        ++closed_;
    }

    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    std::atomic<int> closed_ = 0;
    std::jthread thread_;
};

std::string read_header(tcp::socket& socket) {
    std::string text;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    return text;
}

void write(tcp::socket& socket, std::string_view text) {
    boost::asio::write(socket, boost::asio::buffer(text));
}

TEST(Client, SendsARequestAndReadsItsAnswer) {
    TestServer server;
    Client client{"127.0.0.1", server.port()};
    const auto response = client.send({.method = "POST",
                                       .target = "/echo",
                                       .content_type = "application/json",
                                       .body = "[1]",
                                       .headers = {{"X-Correlation-Id", "abc"}}},
                                      test::kPatience);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "[1]");
    EXPECT_EQ(response->header("x-correlation-id"), "abc");
}

TEST(Client, FindsAServerByItsName) {
    TestServer server;
    Client client{"localhost", server.port()};
    const auto response = client.send({.target = "/hello"}, test::kPatience);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->body, "hello");
}

TEST(Client, UsesOneConnectionForManyRequests) {
    ScriptedServer server{{[](tcp::socket& socket) {
        for (int i = 0; i < 3; ++i) {
            read_header(socket);
            write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }}};
    Client client{"127.0.0.1", server.port()};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.send({}, test::kPatience).value().body, "ok");
    }
}

TEST(Client, ConnectsAnewWhenTheServerClosedTheIdleConnection) {
    ScriptedServer server{{[](tcp::socket& socket) {
                               read_header(socket);
                               write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
                           },
                           [](tcp::socket& socket) {
                               read_header(socket);
                               write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
                           }}};
    Client client{"127.0.0.1", server.port()};
    EXPECT_EQ(client.send({}, test::kPatience).value().body, "first");
    // A request that is sent just before the server closes can't be repeated safely.
    ASSERT_TRUE(test::await([&] { return server.closed() == 1; }));
    EXPECT_EQ(client.send({}, test::kPatience).value().body, "second");
}

TEST(Client, ConnectsAnewAfterConnectionClose) {
    TestServer server;
    Client client{"127.0.0.1", server.port()};
    for (int i = 0; i < 2; ++i) {
        const auto response = client.send(
            {.target = "/hello", .headers = {{"Connection", "close"}}}, test::kPatience);
        ASSERT_TRUE(response.has_value()) << response.error().message;
        EXPECT_EQ(response->body, "hello");
    }
}

TEST(Client, NeverSendsTwiceWhatAServerMayHaveRead) {
    std::atomic<int> requests{0};
    ScriptedServer server{{[&](tcp::socket& socket) {
        read_header(socket);
        ++requests;
        write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        read_header(socket);
        ++requests;  // and closes without an answer
    }}};
    Client client{"127.0.0.1", server.port()};
    ASSERT_TRUE(client.send({}, test::kPatience).has_value());
    const auto response = client.send({}, test::kPatience);
    ASSERT_FALSE(response.has_value());
    EXPECT_TRUE(response.error().sent);
    server.join();
    EXPECT_EQ(requests, 2);
}

TEST(Client, SaysThatNothingWasSentWhereNothingListens) {
    Client client{"127.0.0.1", test::free_port()};
    const auto response = client.send({}, test::kPatience);
    ASSERT_FALSE(response.has_value());
    EXPECT_FALSE(response.error().sent);
    EXPECT_THAT(response.error().message, HasSubstr("can not connect"));
}

TEST(Client, SaysThatNothingWasSentWhereTheNameIsUnknown) {
    Client client{"no-such-host.invalid", 80};
    const auto response = client.send({}, test::kPatience);
    ASSERT_FALSE(response.has_value());
    EXPECT_FALSE(response.error().sent);
}

TEST(Client, GivesUpAtItsDeadlineAndWorksAgainAfterwards) {
    TestServer server;
    Client client{"127.0.0.1", server.port()};
    const auto late = client.send({.target = "/held"}, 3s);
    ASSERT_FALSE(late.has_value());
    EXPECT_TRUE(late.error().sent);
    EXPECT_THAT(late.error().message, HasSubstr("no time left"));
    const auto next = client.send({.target = "/hello"}, test::kPatience);
    ASSERT_TRUE(next.has_value()) << next.error().message;
    EXPECT_EQ(next->body, "hello");
}

TEST(Client, GivesUpOnAServerThatStopsReading) {
    std::promise<void> done;
    ScriptedServer server{{[&](tcp::socket&) { done.get_future().wait(); }}};
    Client client{"127.0.0.1", server.port()};
    const std::string body(64 << 20, 'x');
    const auto response = client.send({.method = "POST", .body = body}, 3s);
    done.set_value();
    ASSERT_FALSE(response.has_value());
    EXPECT_TRUE(response.error().sent);
}

TEST(Client, ReadsTheAnswerOfAServerThatDoesNotWantTheBody) {
    TestServer server;
    Client client{"127.0.0.1", server.port()};
    const std::string body(22 << 20, 'x');
    const auto response =
        client.send({.method = "POST", .target = "/echo", .body = body}, test::kPatience);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->status, 413U);
    EXPECT_EQ(client.send({.target = "/hello"}, test::kPatience).value().body, "hello");
}

TEST(Client, ReadsAnswersOfEveryFraming) {
    ScriptedServer server{{[](tcp::socket& socket) {
                               read_header(socket);
                               write(socket,
                                     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
                                     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
                               read_header(socket);
                               write(socket, "HTTP/1.1 204 No Content\r\n\r\n");
                               read_header(socket);
                               write(socket,
                                     "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");  // of HEAD
                               read_header(socket);
                               write(socket, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
                           },
                           [](tcp::socket& socket) {
                               read_header(socket);
                               write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                           },
                           [](tcp::socket& socket) {
                               read_header(socket);
                               write(socket, "not HTTP at all\r\n\r\n");
                           }}};
    Client client{"127.0.0.1", server.port()};
    EXPECT_EQ(client.send({}, test::kPatience).value().body, "abc");
    EXPECT_EQ(client.send({}, test::kPatience).value().status, 204U);
    EXPECT_EQ(client.send({.method = "HEAD"}, test::kPatience).value().header("content-length"),
              "99");
    EXPECT_EQ(client.send({}, test::kPatience).value().body, "until the end");
    EXPECT_FALSE(client.send({}, test::kPatience).has_value());
    EXPECT_FALSE(client.send({}, test::kPatience).has_value());
}

}  // namespace
}  // namespace events::http
