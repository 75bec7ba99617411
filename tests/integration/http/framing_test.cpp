// Requests whose end two readers could see at different places, and others that are no HTTP/1.1.

#include "raw_client.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::http {
namespace {

using test::RawClient;
using test::TestServer;

struct FramingCase {
    const char* name;
    const char* request;  ///< up to the header's end
    unsigned status;
};

class Framing : public ::testing::TestWithParam<FramingCase> {};

/// The refused request is followed by bytes that are a request to a reader that saw the end
/// elsewhere: they must never be answered.
TEST_P(Framing, IsRefusedAndTheConnectionCloses) {
    TestServer server;
    RawClient client{server.port()};
    client.send(std::string{GetParam().request} +
                "0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto response = client.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, GetParam().status);
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    const auto problem = nlohmann::json::parse(response->body);
    EXPECT_EQ(problem["status"], GetParam().status);
    EXPECT_EQ(problem["correlationId"], response->header("x-correlation-id"));
    client.shut_write();
    EXPECT_TRUE(client.closed());
}

#define POST_TO_ECHO "POST /echo HTTP/1.1\r\nHost: x\r\n"
INSTANTIATE_TEST_SUITE_P(
    Requests, Framing,
    ::testing::Values(
        FramingCase{"LengthThenCoding",
                    POST_TO_ECHO "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        FramingCase{"CodingThenLength",
                    POST_TO_ECHO "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400},
        FramingCase{"GzipThenLength",
                    POST_TO_ECHO "Transfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\n", 400},
        FramingCase{"TwoLengths", POST_TO_ECHO "Content-Length: 4\r\nContent-Length: 5\r\n\r\n",
                    400},
        FramingCase{"TwoLengthsInOne", POST_TO_ECHO "Content-Length: 4, 5\r\n\r\n", 400},
        FramingCase{"NegativeLength", POST_TO_ECHO "Content-Length: -1\r\n\r\n", 400},
        FramingCase{"SignedLength", POST_TO_ECHO "Content-Length: +1\r\n\r\n", 400},
        FramingCase{"HexLength", POST_TO_ECHO "Content-Length: 0x4\r\n\r\n", 400},
        FramingCase{"OverflowingLength",
                    POST_TO_ECHO "Content-Length: 18446744073709551620\r\n\r\n", 400},
        FramingCase{"EmptyLength", POST_TO_ECHO "Content-Length:\r\n\r\n", 400},
        FramingCase{"Gzip", POST_TO_ECHO "Transfer-Encoding: gzip\r\n\r\n", 501},
        FramingCase{"ChunkedGzip", POST_TO_ECHO "Transfer-Encoding: chunked, gzip\r\n\r\n", 501},
        FramingCase{"GzipChunked", POST_TO_ECHO "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        FramingCase{"Identity", POST_TO_ECHO "Transfer-Encoding: identity\r\n\r\n", 501},
        FramingCase{"ChunkedTwice",
                    POST_TO_ECHO "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                    400},
        FramingCase{"GzipAndChunked",
                    POST_TO_ECHO "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
                    501},
        FramingCase{"CodingInHttp10", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                    400},
        FramingCase{"SpaceBeforeTheColon", POST_TO_ECHO "Transfer-Encoding : chunked\r\n\r\n", 400},
        FramingCase{"BareLineFeeds", "GET /hello HTTP/1.1\nHost: x\n\n", 400},
        FramingCase{"NoHost", "GET /hello HTTP/1.1\r\n\r\n", 400},
        FramingCase{"TwoHosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        FramingCase{"NotHttp", "hello\r\n\r\n", 400},
        FramingCase{"BadVersion", "GET /hello HTTP/3.0\r\nHost: x\r\n\r\n", 400},
        FramingCase{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        FramingCase{"BadMethod", "GE(T /hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        FramingCase{"NotAPath", "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        FramingCase{"Asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        FramingCase{"ControlCharacter", "GET /hello HTTP/1.1\r\nHost: x\x01\r\n\r\n", 400},
        FramingCase{"TlsHandshake", "\x16\x03\x01\x02\r\n\r\n", 400}),
    [](const auto& tested) { return tested.param.name; });
#undef POST_TO_ECHO

// Found by the fuzz target http_session: such a line was skipped only where it came in one piece.
TEST(Server, SkipsAnEmptyLineBeforeARequestThatComesInTwoParts) {
    TestServer server;
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n\r");
    EXPECT_EQ(client.receive()->body, "hello");
    client.send("\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, AcceptsTheSameLengthTwice) {
    TestServer server;
    RawClient client{server.port()};
    client.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody");
    EXPECT_EQ(client.receive()->body, "body");
}

}  // namespace
}  // namespace events::http
