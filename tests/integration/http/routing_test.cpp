#include "raw_client.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace events::http {
namespace {

using test::RawClient;
using test::request;
using test::TestServer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Server, AnswersARequest) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello?x=1"));
    const auto response = client.receive();
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->header("content-type"), "text/plain");
    EXPECT_EQ(response->header("connection"), "keep-alive");
    EXPECT_EQ(response->header("keep-alive"), "timeout=59");
    EXPECT_FALSE(response->header("date").empty());
    EXPECT_EQ(response->header("server"), "");
}

TEST(Server, KeepsTheConnectionForTheNextRequest) {
    TestServer server;
    RawClient client{server.port()};
    for (int i = 0; i < 3; ++i) {
        client.send(request("POST", "/echo", "body " + std::to_string(i)));
        EXPECT_EQ(client.receive()->body, "body " + std::to_string(i));
    }
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo", "first") + request("GET", "/hello") +
                request("GET", "/nowhere") + request("POST", "/echo", "last"));
    EXPECT_EQ(client.receive()->body, "first");
    EXPECT_EQ(client.receive()->body, "hello");
    EXPECT_EQ(client.receive()->status, 404U);
    EXPECT_EQ(client.receive()->body, "last");
}

TEST(Server, ToleratesEmptyLinesBeforeARequest) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo", "body") + "\r\n\r\n" + request("GET", "/hello"));
    EXPECT_EQ(client.receive()->body, "body");
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, AnswersARequestThatComesByteByByte) {
    TestServer server;
    RawClient client{server.port()};
    for (const char byte : request("POST", "/echo", "slow but steady")) {
        ASSERT_TRUE(client.send({&byte, 1}));
    }
    EXPECT_EQ(client.receive()->body, "slow but steady");
}

TEST(Server, AnswersHeadLikeGetButWithoutTheBody) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("HEAD", "/hello") + request("GET", "/hello"));
    const auto head = client.receive(true);
    EXPECT_EQ(head->status, 200U);
    EXPECT_EQ(head->header("content-length"), "5");
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, AnswersHeadWithoutABodyEvenWhenItIsAnError) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("HEAD", "/nowhere") + request("GET", "/hello"));
    EXPECT_EQ(client.receive(true)->status, 404U);
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, SendsNoBodyWith204) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/empty") + request("GET", "/hello"));
    const auto response = client.receive();
    EXPECT_EQ(response->status, 204U);
    EXPECT_EQ(response->header("content-length"), "");
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, SendsALargeAnswerWhole) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/large"));
    EXPECT_EQ(client.receive()->body.size(), 8U << 20);
}

TEST(Server, SaysThatAPathDoesNotExist) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/nowhere"));
    const auto response = client.receive();
    EXPECT_EQ(response->status, 404U);
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    const auto problem = nlohmann::json::parse(response->body);
    EXPECT_EQ(problem["status"], 404);
    EXPECT_EQ(problem["title"], "Not Found");
    EXPECT_EQ(problem["correlationId"], response->header("x-correlation-id"));
}

TEST(Server, NamesTheMethodsThatAPathHas) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("DELETE", "/hello") + request("BREW", "/echo"));
    const auto first = client.receive();
    EXPECT_EQ(first->status, 405U);
    EXPECT_EQ(first->header("allow"), "GET, HEAD");
    const auto second = client.receive();
    EXPECT_EQ(second->status, 405U);
    EXPECT_EQ(second->header("allow"), "POST");
}

TEST(Server, ReturnsTheClientsCorrelationId) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello", "", "x-correlation-id: my.id:1\r\n"));
    EXPECT_EQ(client.receive()->header("x-correlation-id"), "my.id:1");
}

TEST(Server, MakesACorrelationIdWhereTheClientsIsMissingOrMalformed) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello") +
                request("GET", "/hello", "", "X-Correlation-Id: not one\r\n"));
    const auto first = client.receive()->header("x-correlation-id");
    const auto second = client.receive()->header("x-correlation-id");
    EXPECT_EQ(first.size(), 36U);
    EXPECT_EQ(second.size(), 36U);
    EXPECT_NE(first, second);
}

TEST(Server, HidesWhyAHandlerFailedFromTheClientButNotFromTheLog) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/fail", "", "X-Correlation-Id: find-me\r\n") +
                request("GET", "/hello"));
    const auto response = client.receive();
    EXPECT_EQ(response->status, 500U);
    EXPECT_THAT(response->body, Not(HasSubstr("only the log")));
    EXPECT_THAT(response->body, HasSubstr("find-me"));
    EXPECT_EQ(client.receive()->body, "hello");
    EXPECT_THAT(server.log(), HasSubstr(R"("err":"the reason that only the log may know",)"
                                        R"("correlationId":"find-me")"));
}

TEST(Server, TreatsAFailingAdmissionLikeAFailingHandler) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/careless", "body") + request("GET", "/hello"));
    const auto response = client.receive();
    EXPECT_EQ(response->status, 500U);
    EXPECT_THAT(response->body, Not(HasSubstr("own reason")));
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, UnderstandsTheAbsoluteFormOfATarget) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "http://gateway/hello?x=1"));
    EXPECT_EQ(client.receive()->body, "hello");
}

TEST(Server, ClosesAfterAnHttp10RequestUnlessAskedToKeep) {
    TestServer server;
    RawClient client{server.port()};
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.receive()->header("connection"), "keep-alive");
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    const auto last = client.receive();
    EXPECT_EQ(last->body, "hello");
    EXPECT_EQ(last->header("connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello", "", "Connection: close\r\n"));
    EXPECT_EQ(client.receive()->header("connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST(Server, AnswersAClientThatClosedItsSendingSide) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("POST", "/echo", "that was all"));
    client.shut_write();
    EXPECT_EQ(client.receive()->body, "that was all");
    EXPECT_TRUE(client.closed());
}

TEST(Server, CountsRequestsUnderLabelsThatClientsCanNotMakeUp) {
    TestServer server;
    RawClient client{server.port()};
    client.send(request("GET", "/hello?unique=1") + request("GET", "/made/up") +
                request("BREW", "/made/up/2") + request("DELETE", "/hello"));
    for (int i = 0; i < 4; ++i) static_cast<void>(client.receive());
    client.send("nonsense\r\n\r\n");
    static_cast<void>(client.receive());
    static_cast<void>(client.closed());
    server.stop();  // counted once it is written, so not before the answer came
    const auto text = server.metrics();
    const auto count = [](const std::string& labels) {
        return "http_requests_total{" + labels + "} 1\n";
    };
    EXPECT_THAT(text, HasSubstr(count(R"(method="GET",route="/hello",status="200")")));
    EXPECT_THAT(text, HasSubstr(count(R"(method="GET",route="other",status="404")")));
    EXPECT_THAT(text, HasSubstr(count(R"(method="other",route="other",status="404")")));
    EXPECT_THAT(text, HasSubstr(count(R"(method="DELETE",route="/hello",status="405")")));
    EXPECT_THAT(text, HasSubstr(count(R"(method="other",route="other",status="400")")));
    EXPECT_THAT(text, Not(HasSubstr("made")));
    EXPECT_THAT(text, HasSubstr(R"(http_request_duration_seconds_count{method="GET",)"
                                R"(route="/hello",status="200"} 1)"));
}

TEST(Server, RefusesAnAddressThatIsTaken) {
    TestServer first;
    auto options = test::patient_options();
    options.port = first.port();
    EXPECT_THROW(TestServer{options}, std::system_error);
}

TEST(Server, ListensOnAHostsName) {
    auto options = test::patient_options();
    options.host = "localhost";
    EXPECT_NE(TestServer{options}.port(), 0);
}

}  // namespace
}  // namespace events::http
