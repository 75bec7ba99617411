#include "raw_client.hpp"
#include "test_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::http {
namespace {

using test::RawClient;
using test::request;
using test::TestServer;

constexpr std::size_t kMebibyte = 1024 * 1024;

std::string chunked(std::string_view target, std::string_view more_headers = {}) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{}\r\n",
                       target, more_headers);
}

std::string chunk(std::string_view data) {
    return fmt::format("{:x}\r\n{}\r\n", data.size(), data);
}

TEST(Body, MayBeAsLargeAsItsRouteAllows) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/size", std::string(50 * kMebibyte, 'x')));
    EXPECT_EQ(client.receive()->body, std::to_string(50 * kMebibyte));
    client.send(request("GET", "/hello"));
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Body, ComesThroughUnchanged) {
    std::string body;
    for (int i = 0; body.size() < 60'000; ++i) body += std::to_string(i) + '\0';
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo", body) + chunked("/echo") + chunk(body) + chunk("tail") +
                "0\r\n\r\n");
    EXPECT_EQ(client.receive()->body, body);
    EXPECT_EQ(client.receive()->body, body + "tail");
}

TEST(Body, MayBeEmpty) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo") + request("POST", "/echo", "", "Content-Length: 0\r\n") +
                chunked("/echo") + "0\r\n\r\n" + request("GET", "/hello"));
    for (int i = 0; i < 3; ++i) {
        const auto response = client.receive();
        EXPECT_EQ(response->status, 200U);
        EXPECT_EQ(response->body, "");
    }
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Body, IsRefusedFromItsLengthBeforeItIsSent) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response->status, 413U);
    EXPECT_EQ(response->header("connection"), "close");
}

TEST(Body, OfAnAbsurdLengthCostsNoMemory) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 413U);
}

TEST(Body, IsRefusedByARouteThatTakesNone) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello", "x") + request("GET", "/hello"));
    EXPECT_EQ(client.receive()->status, 413U);
    EXPECT_EQ(client.receive()->body, "hello") << "the body had come, so the connection stays";
}

/// A sender that never looks at the answer before it has sent everything: closing at once would
/// reset the connection, and the answer would be lost with it.
TEST(Body, ThatIsTooLargeGetsItsAnswerEvenWhenAllOfItIsSent) {
    TestServer server;
    RawClient client{server.port()};
    EXPECT_TRUE(client.send(request("POST", "/echo", std::string(22 * kMebibyte, 'x'))));
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 413U);
    EXPECT_EQ(response->header("connection"), "close");
    client.shut_write();
    EXPECT_TRUE(client.closed());
}

TEST(Body, OfARefusedRequestIsSentAndTheAnswerSeen) {
    TestServer server;
    RawClient client{server.port()};
    EXPECT_TRUE(client.send(request("POST", "/refused", std::string(22 * kMebibyte, 'x'))));
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 503U);
    EXPECT_EQ(response->header("retry-after"), "5");
    EXPECT_EQ(response->header("connection"), "close");
}

TEST(Body, IsRefusedWhileItComesWhereThereIsNoRoomForAllOfIt) {
    TestServer server;
    for (const bool in_chunks : {false, true}) {
        RawClient client{server.port()};
        const std::string body(22 * kMebibyte, 'x');
        EXPECT_TRUE(client.send(in_chunks ? chunked("/tight") + chunk(body) + "0\r\n\r\n"
                                          : request("POST", "/tight", body)));
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value());
        EXPECT_EQ(response->status, 503U);
        EXPECT_EQ(response->header("retry-after"), "1");
        EXPECT_EQ(response->header("connection"), "close");
    }
    RawClient client{server.port()};
    client.send(request("POST", "/tight", std::string(100'000, 'x')));
    EXPECT_EQ(client.receive()->status, 200U);
}

TEST(Body, OfARefusedRequestThatCameWithItsHeaderLeavesTheConnectionOpen) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/refused", "small") + request("POST", "/nowhere", "small") +
                request("GET", "/hello"));
    EXPECT_EQ(client.receive()->status, 503U);
    EXPECT_EQ(client.receive()->status, 404U);
    EXPECT_EQ(client.receive()->body, "hello");
}

// Found by the fuzz target http_session: a trailer was bounded where it came in pieces, and not
// where it came at once.
TEST(Body, InChunksIsRefusedWithATrailerLongerThanAHeaderMayBe) {
    auto options = test::patient_options();
    options.max_header_bytes = 1'024;
    TestServer server{options};
    std::string trailer;
    while (trailer.size() <= options.max_header_bytes) trailer += "X-Trailer: ignored\r\n";
    const auto sent = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" +
                      trailer + "\r\n";
    for (const std::size_t piece : {sent.size(), std::size_t{100}}) {
        RawClient client{server.port()};
        for (std::size_t at = 0; at < sent.size() && client.send(sent.substr(at, piece));
             at += piece) {
        }
        EXPECT_EQ(client.receive()->status, 400U) << piece;
    }
}

TEST(Body, InChunksMayHaveExtensionsAndATrailer) {
    TestServer server;
    RawClient client{server.port()};
    client.send(chunked("/echo") + "3;name=value\r\nabc\r\n" + "A\r\n0123456789\r\n" +
                "0\r\nX-Trailer: ignored\r\n\r\n" + request("GET", "/hello"));
    EXPECT_EQ(client.receive()->body, "abc0123456789");
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Body, InChunksMayBeLarge) {
    TestServer server;
    RawClient client{server.port()};
    client.send(chunked("/size"));
    const std::string data(kMebibyte, 'x');
    for (int i = 0; i < 50; ++i) client.send(chunk(data));
    client.send("0\r\n\r\n");
    EXPECT_EQ(client.receive()->body, std::to_string(50 * kMebibyte));
}

TEST(Body, InChunksIsRefusedOnceItIsTooLarge) {
    TestServer server;
    RawClient client{server.port()};
    client.send(chunked("/echo"));
    const std::string data(kMebibyte, 'x');
    for (int i = 0; i < 22; ++i) EXPECT_TRUE(client.send(chunk(data)));
    client.send("0\r\n\r\n");
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 413U);
    EXPECT_EQ(response->header("connection"), "close");
}

TEST(Body, InManySmallChunksIsCountedAsAWhole) {
    TestServer server;
    RawClient client{server.port()};
    client.send(chunked("/echo"));
    std::string flood;
    for (int i = 0; i < 70; ++i) flood += chunk(std::string(1'000, 'x'));
    client.send(flood);
    EXPECT_EQ(client.receive()->status, 413U);
}

TEST(Body, InChunksIsRefusedByARouteThatTakesNone) {
    TestServer server;
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    EXPECT_EQ(client.receive()->status, 413U);
}

TEST(Body, InMalformedChunksIsRefused) {
    for (const auto* body : {"zz\r\nabc\r\n", "3\r\nabcdef\r\n0\r\n\r\n", "-3\r\nabc\r\n",
                             "FFFFFFFFFFFFFFFFF\r\nabc\r\n", "0\r\nNo colon\r\n\r\n"}) {
        TestServer server;
        RawClient client{server.port()};
        client.send(chunked("/echo") + body);
        const auto response = client.receive();
        ASSERT_TRUE(response.has_value()) << body;
        EXPECT_EQ(response->status, 400U) << body;
        EXPECT_EQ(response->header("connection"), "close");
    }
}

TEST(Body, InChunksCanNotHideAnEndlessLine) {
    TestServer server;
    RawClient client{server.port()};
    client.send(chunked("/echo") + "3;" + std::string(100'000, 'x'));
    EXPECT_EQ(client.receive()->status, 400U);
}

TEST(Body, IsAskedForWhereTheClientExpectsIt) {
    TestServer server;
    RawClient client{server.port()};
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 100U);
    client.send("body");
    EXPECT_EQ(client.receive()->body, "body");

    client.send(chunked("/echo", "Expect: 100-continue\r\n"));
    EXPECT_EQ(client.receive()->status, 100U);
    client.send(chunk("chunks") + "0\r\n\r\n");
    EXPECT_EQ(client.receive()->body, "chunks");
}

TEST(Body, IsNotAskedForWhenTheRequestIsRefused) {
    for (const auto& [target, length, status] :
         {std::tuple{"/echo", 65'537, 413U}, std::tuple{"/refused", 4, 503U},
          std::tuple{"/nowhere", 4, 404U}, std::tuple{"/hello", 4, 405U}}) {
        TestServer server;
        RawClient client{server.port()};
        client.send(
            fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                        "Content-Length: {}\r\n\r\n",
                        target, length));
        const auto response = client.receive();
        EXPECT_EQ(response->status, status) << target;
        EXPECT_EQ(response->header("connection"), "close") << target;
    }
}

TEST(Body, IsNotAskedForByAnHttp10Client) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    client.send("body");
    EXPECT_EQ(client.receive()->body, "body");
}

TEST(Server, RefusesAnExpectationThatItDoesNotKnow) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo", "body", "Expect: a-miracle\r\n"));
    EXPECT_EQ(client.receive()->status, 417U);
}

TEST(Body, ThatEndsEarlyIsNotHandedOn) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    client.shut_write();
    EXPECT_TRUE(client.closed());
    EXPECT_THAT(server.metrics(), ::testing::Not(::testing::HasSubstr(R"(status="200")")));
}

}  // namespace
}  // namespace events::http
