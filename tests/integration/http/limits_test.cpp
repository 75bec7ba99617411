#include "raw_client.hpp"
#include "support/await.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using test::RawClient;
using test::request;
using test::TestServer;

TEST(Limits, AHeaderThatComesTooSlowlyGets408) {
    auto options = test::patient_options();
    options.header_timeout = 200ms;
    TestServer server{options};
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.1\r\nHos");
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 408U);
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    EXPECT_FALSE(response->header("x-correlation-id").empty());
    client.shut_write();
    EXPECT_TRUE(client.closed());
}

TEST(Limits, AHeaderThatDripsWithoutEndGets408) {
    auto options = test::patient_options();
    options.header_timeout = 200ms;
    TestServer server{options};
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.1\r\nX: ");
    ASSERT_TRUE(test::await([&] { return !client.send("x") || client.readable(); }));
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 408U);
}

TEST(Limits, ABodyThatComesTooSlowlyGets408) {
    auto options = test::patient_options();
    options.body_timeout = 200ms;
    TestServer server{options};
    for (const auto* framing :
         {"Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\nA\r\nhalf",
          "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n"}) {
        RawClient client{server.port()};
        client.send(std::string{"POST /echo HTTP/1.1\r\nHost: x\r\n"} + framing);
        auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        if (response->status == 100) response = client.receive();
        ASSERT_TRUE(response.has_value());
        EXPECT_EQ(response->status, 408U) << framing;
        EXPECT_EQ(response->header("connection"), "close");
    }
}

TEST(Limits, AConnectionThatIsIdleAfterAnAnswerIsClosedWithoutAWord) {
    auto options = test::patient_options();
    options.idle_timeout = 3s;  // also until its request is there
    TestServer server{options};
    RawClient client{server.port()};
    client.send(request("GET", "/hello"));
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200U);
    EXPECT_TRUE(client.closed());
}

TEST(Limits, AConnectionThatNeverSendsIsClosedWithoutAWord) {
    auto options = test::patient_options();
    options.idle_timeout = 200ms;
    TestServer server{options};
    RawClient client{server.port()};
    EXPECT_TRUE(client.closed());
}

TEST(Limits, AHandlerMayTakeLongerThanAnyTimeout) {
    auto options = test::patient_options();
    options.header_timeout = options.body_timeout = options.idle_timeout = options.write_timeout =
        2s;
    TestServer server{options};
    RawClient idle{server.port()};
    RawClient client{server.port()};
    client.send(request("GET", "/held"));
    ASSERT_TRUE(server.await_held(1));
    EXPECT_TRUE(idle.closed()) << "by now every timeout has passed for the other one too";
    server.release();
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, "released");
}

TEST(Limits, AClientThatDoesNotReadItsAnswerIsLetGo) {
    auto options = test::patient_options();
    options.write_timeout = 200ms;
    TestServer server{options};
    RawClient client{server.port()};
    // More answers than the buffers of both sides hold, none of them read.
    std::string requests;
    for (int i = 0; i < 4; ++i) requests += request("GET", "/large");
    client.send(requests);
    EXPECT_TRUE(test::await([&] { return !client.send(request("GET", "/hello")); }));
}

TEST(Limits, AHeaderThatIsTooLargeGets431) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello", "", "X-Large: " + std::string(9'000, 'x') + "\r\n"));
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 431U);
    EXPECT_EQ(response->header("connection"), "close");
}

TEST(Limits, ATargetThatIsTooLargeGets431) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/" + std::string(100'000, 'x')));
    EXPECT_EQ(client.receive()->status, 431U);
}

/// Beast's own limit is for each piece that arrives: fields that come one by one, each complete,
/// never reached it.
TEST(Limits, AHeaderThatIsTooLargeInManyPiecesGets431) {
    TestServer server;
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 200; ++i) {
        if (!client.send("X-Field: " + std::string(100, 'x') + "\r\n")) break;
    }
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 431U);
}

TEST(Limits, AHeaderUpToTheLimitIsTaken) {
    auto options = test::patient_options();
    options.max_header_bytes = 4'096;
    TestServer server{options};
    const auto of_size = [](std::size_t size) {
        const auto empty = request("GET", "/hello", "", "X-Fill: \r\n").size();
        return request("GET", "/hello", "", "X-Fill: " + std::string(size - empty, 'x') + "\r\n");
    };
    RawClient client{server.port()};
    client.send(of_size(4'096) + of_size(4'096));
    EXPECT_EQ(client.receive()->status, 200U);
    EXPECT_EQ(client.receive()->status, 200U);
    client.send(of_size(4'097));
    EXPECT_EQ(client.receive()->status, 431U);
}

TEST(Limits, MoreConnectionsThanAllowedWaitForAnAnswerInHand) {
    auto options = test::patient_options();
    options.max_connections = 2;
    TestServer server{options};
    RawClient first{server.port()};
    RawClient second{server.port()};
    first.send(request("GET", "/held"));
    second.send(request("GET", "/held"));
    ASSERT_TRUE(server.await_held(2));

    RawClient third{server.port()};  // the system's queue takes it, the server does not
    third.send(request("GET", "/hello"));
    server.release();
    EXPECT_EQ(first.receive()->body, "released");
    EXPECT_EQ(second.receive()->body, "released");
    EXPECT_EQ(third.receive()->body, "hello");
}

TEST(Limits, WhoSaysNothingMakesWayForOthersTheMostSilentFirst) {
    auto options = test::patient_options();
    options.max_connections = 3;
    TestServer server{options};
    RawClient silent{server.port()};
    RawClient slow{server.port()};
    RawClient uploading{server.port()};
    // One after the other, so that there is an order.
    silent.send(request("GET", "/hello"));
    EXPECT_EQ(silent.receive()->status, 200U);
    slow.send(request("GET", "/hello") + "GET /hel");
    EXPECT_EQ(slow.receive()->status, 200U);
    uploading.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo");

    RawClient fourth{server.port()};
    fourth.send(request("GET", "/hello"));
    EXPECT_EQ(fourth.receive()->status, 200U);
    EXPECT_TRUE(silent.closed());
    fourth.send("GET /hel");
    RawClient fifth{server.port()};
    fifth.send(request("GET", "/held"));
    ASSERT_TRUE(server.await_held(1));
    EXPECT_TRUE(slow.closed());
    uploading.send("dy");
    EXPECT_EQ(uploading.receive()->body, "body");
    EXPECT_NE(server.metrics().find("http_evicted_connections_total 2"), std::string::npos);
    server.release();
    EXPECT_EQ(fifth.receive()->body, "released");
}

TEST(Limits, ABodyThatStandsStillMakesWayWhenNobodyElseCan) {
    auto options = test::patient_options();
    options.max_connections = 1;
    TestServer server{options};
    RawClient uploading{server.port()};
    uploading.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(uploading.receive()->status, 100U);
    RawClient other{server.port()};
    other.send(request("GET", "/hello"));
    EXPECT_EQ(other.receive()->status, 200U);
    EXPECT_TRUE(uploading.closed());
}

TEST(Limits, AnswersThatNobodyTakesAreGivenUpWhenTheyAreTooMany) {
    auto options = test::patient_options();
    options.max_unsent_bytes = 32 << 20;
    TestServer server{options};
    std::vector<RawClient> slow;
    for (int i = 0; i < 12; ++i) {
        slow.emplace_back(server.port()).send(request("GET", "/large"));  // 8 MiB each
    }
    EXPECT_TRUE(test::await([&] {
        return server.metrics().find("http_evicted_connections_total 0") == std::string::npos;
    }));
    RawClient other{server.port()};
    other.send(request("GET", "/large"));
    EXPECT_EQ(other.receive()->body.size(), std::size_t{8} << 20);
}

/// Takes every descriptor that the process may still have, for as long as it lives.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto few = before_;
        few.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 256);
        ::setrlimit(RLIMIT_NOFILE, &few);
        const auto take = [] { return ::open("/dev/null", O_RDONLY); };
        for (int taken = take(); taken >= 0; taken = take()) taken_.push_back(taken);
    }
    ~NoDescriptors() {
        for (const int taken : taken_) ::close(taken);
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST(Limits, AConnectionThatCanNotBeAcceptedIsTriedAgain) {
    TestServer server;
    RawClient client;
    {
        const NoDescriptors none;
        client.connect(server.port());
        client.send(request("GET", "/hello"));
        EXPECT_TRUE(
            test::await([&] { return server.log().find("can not accept") != std::string::npos; }));
    }
    EXPECT_EQ(client.receive()->body, "hello");
}

}  // namespace
}  // namespace events::http
