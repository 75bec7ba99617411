#include "raw_client.hpp"
#include "support/await.hpp"
#include "support/ports.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using test::request;
using test::TestServer;
using Clock = std::chrono::steady_clock;

TEST(Drain, ClosesIdleConnectionsAtOnce) {
    TestServer server;
    RawClient fresh{server.port()};
    RawClient used{server.port()};
    used.send(request("GET", "/hello"));
    EXPECT_EQ(used.receive()->status, 200U);
    EXPECT_TRUE(server.server().drain(Clock::now() + test::kPatience));
    EXPECT_TRUE(fresh.closed());
    EXPECT_TRUE(used.closed());
    EXPECT_FALSE(test::accepts_connections(server.port()));
}

TEST(Drain, LetsARequestInHandGetItsAnswer) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/held"));
    ASSERT_TRUE(server.await_held(1));
    auto drained = std::async(
        std::launch::async, [&] { return server.server().drain(Clock::now() + test::kPatience); });
    ASSERT_TRUE(test::await([&] { return !test::accepts_connections(server.port()); }));
    server.release();
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, "released");
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(drained.get());
}

TEST(Drain, WaitsForARequestThatIsStillArriving) {
    TestServer server;
    RawClient client{server.port()};
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 100U);
    auto drained = std::async(
        std::launch::async, [&] { return server.server().drain(Clock::now() + test::kPatience); });
    ASSERT_TRUE(test::await([&] { return !test::accepts_connections(server.port()); }));
    client.send("body");
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, "body");
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_TRUE(drained.get());
}

TEST(Drain, EndsAtItsDeadlineWithAWordOnWhatWasLeft) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/held"));
    ASSERT_TRUE(server.await_held(1));
    EXPECT_FALSE(server.server().drain(Clock::now() + 100ms));
    EXPECT_TRUE(client.closed());
}

TEST(Drain, MayBeAskedForTwice) {
    TestServer server;
    EXPECT_TRUE(server.server().drain(Clock::now() + test::kPatience));
    EXPECT_TRUE(server.server().drain(Clock::now() + test::kPatience));
}

TEST(Server, EndsWithoutADrainWhateverIsOpen) {
    auto server = std::make_unique<TestServer>();
    RawClient idle{server->port()};
    RawClient half_a_header{server->port()};
    half_a_header.send("GET /hel");
    RawClient half_a_body{server->port()};
    half_a_body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    RawClient unread{server->port()};
    for (int i = 0; i < 4; ++i) unread.send(request("GET", "/large"));
    RawClient refused{server->port()};
    refused.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n");
    EXPECT_EQ(refused.receive()->status, 413U);
    RawClient held{server->port()};
    held.send(request("GET", "/held"));
    ASSERT_TRUE(server->await_held(1));
    server.reset();
    EXPECT_TRUE(idle.closed());
    EXPECT_TRUE(half_a_header.closed());
    EXPECT_TRUE(half_a_body.closed());
    EXPECT_TRUE(held.closed());
}

}  // namespace
}  // namespace events::http
