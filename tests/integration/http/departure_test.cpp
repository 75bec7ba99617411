#include "raw_client.hpp"
#include "support/await.hpp"
#include "test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace events::http {
namespace {

using test::RawClient;
using test::request;
using test::TestServer;
using ::testing::HasSubstr;
using ::testing::Not;

/// A client whose request is in the handler of /watched.
class DepartureTest : public ::testing::Test {
  protected:
    void SetUp() override { ask(request("GET", "/watched")); }

    void ask(std::string_view bytes) {
        ASSERT_TRUE(client_.send(bytes));
        ASSERT_TRUE(server_.await_held(++asked_));
    }
    [[nodiscard]] bool await_counted(const std::string& line) const {
        return test::await([&] { return server_.metrics().find(line) != std::string::npos; });
    }

    static inline const std::string kLeft =  // NOLINT(cert-err58-cpp)
        R"(http_requests_total{method="GET",route="/watched",status="499"} 1)";

    TestServer server_;
    RawClient client_{server_.port()};
    int asked_ = 0;
};

TEST_F(DepartureTest, CancelsTheHandlerOfAClientThatResetsItsConnection) {
    client_.reset();
    EXPECT_TRUE(server_.await_cancelled(1));
    EXPECT_TRUE(await_counted(kLeft)) << server_.metrics();
    EXPECT_THAT(server_.log(), HasSubstr("the client left before its answer"));
    EXPECT_THAT(server_.log(), Not(HasSubstr("request failed")));
}

TEST_F(DepartureTest, CancelsTheHandlerOfAClientThatClosesItsConnection) {
    client_.leave();
    EXPECT_TRUE(server_.await_cancelled(1));
    EXPECT_TRUE(await_counted(kLeft)) << server_.metrics();
}

TEST_F(DepartureTest, AnswersAClientThatOnlyEndsItsInput) {
    client_.shut_write();
    const auto sign_of_life = client_.receive();
    ASSERT_TRUE(sign_of_life.has_value()) << "it was given up";
    EXPECT_EQ(sign_of_life->status, 100U);
    server_.release();
    const auto response = client_.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200U);
    EXPECT_EQ(response->body, "released");
    EXPECT_TRUE(client_.closed());
    EXPECT_EQ(server_.cancelled(), 0);
}

TEST_F(DepartureTest, CancelsTheHandlerOfAClientThatEndsItsInputAndThenLeaves) {
    client_.shut_write();
    EXPECT_EQ(client_.receive()->status, 100U);
    client_.reset();
    EXPECT_TRUE(server_.await_cancelled(1));
    EXPECT_TRUE(await_counted(kLeft)) << server_.metrics();
}

TEST_F(DepartureTest, TakesTheEndOfAnOldClientsInputForItsDeparture) {
    RawClient old{server_.port()};
    old.send("GET /watched HTTP/1.0\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(server_.await_held(2));
    old.shut_write();
    EXPECT_TRUE(server_.await_cancelled(1));
    EXPECT_TRUE(old.closed()) << "without an interim response, which it would not understand";
    EXPECT_EQ(server_.cancelled(), 1);
}

TEST_F(DepartureTest, KeepsWhatArrivesMeanwhileForTheNextRequests) {
    const auto next = request("GET", "/watched") + request("GET", "/hello");
    client_.send(std::string_view{next}.substr(0, 9));
    server_.release();
    EXPECT_EQ(client_.receive()->body, "released");
    client_.send(std::string_view{next}.substr(9));
    EXPECT_EQ(client_.receive()->body, "released");
    EXPECT_EQ(client_.receive()->body, "hello");
    EXPECT_EQ(server_.cancelled(), 0);
}

TEST_F(DepartureTest, KeepsMoreThanItReadsAheadForTheNextRequests) {
    constexpr int kMany = 1'000;  // several times what is read ahead
    for (int i = 0; i < kMany; ++i) ASSERT_TRUE(client_.send(request("GET", "/hello")));
    client_.shut_write();
    server_.release();
    EXPECT_EQ(client_.receive()->body, "released");
    for (int i = 0; i < kMany; ++i) ASSERT_EQ(client_.receive()->body, "hello") << i;
    EXPECT_TRUE(client_.closed());
}

TEST_F(DepartureTest, NoticesAResetBehindMoreThanItReadsAhead) {
    for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(client_.send(request("GET", "/hello")));
    client_.reset();
    EXPECT_TRUE(server_.await_cancelled(1));
    EXPECT_TRUE(await_counted(kLeft)) << server_.metrics();
}

TEST_F(DepartureTest, DoesNotTakeUrgentDataForADeparture) {
    // Behind so much input that the server waits for an error only, which is what it looks like.
    for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(client_.send(request("GET", "/hello")));
    ASSERT_TRUE(client_.send_urgent());
    server_.release();
    const auto response = client_.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, "released");
    EXPECT_EQ(server_.cancelled(), 0);
}

TEST_F(DepartureTest, LeavesTheHandlersOfOtherRoutesAlone) {
    RawClient other{server_.port()};
    other.send(request("GET", "/held"));
    ASSERT_TRUE(server_.await_held(2));
    other.reset();
    client_.reset();
    ASSERT_TRUE(server_.await_cancelled(1));
    server_.release();
    EXPECT_TRUE(await_counted(R"(http_requests_total{method="GET",route="/held",status="200"} 1)"))
        << server_.metrics();
    EXPECT_EQ(server_.cancelled(), 1);
}

TEST_F(DepartureTest, CountsAClientThatLeavesInsideItsBody) {
    RawClient other{server_.port()};
    other.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
    EXPECT_EQ(other.receive()->status, 100U);
    other.reset();
    EXPECT_TRUE(await_counted(R"(http_requests_total{method="POST",route="/echo",status="499"} 1)"))
        << server_.metrics();
}

TEST_F(DepartureTest, EndsWithTheServer) {
    server_.stop();
    EXPECT_TRUE(client_.closed());
    EXPECT_THAT(server_.metrics(), Not(HasSubstr(R"(status="499")")))
        << "it was not the client who left";
}

TEST_F(DepartureTest, IsAnsweredByAServerThatIsQuiesced) {
    using Clock = std::chrono::steady_clock;
    EXPECT_FALSE(server_.server().quiesce(Clock::now()));
    server_.release();
    const auto response = client_.receive();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_TRUE(server_.server().drain(Clock::now() + test::kPatience));
}

}  // namespace
}  // namespace events::http
