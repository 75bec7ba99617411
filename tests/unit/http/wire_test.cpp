#include "common/http/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kClose = "Connection: close\r\n";

TEST(ResponseHead, SaysWhenWhatTheBodyIsAndHowLong) {
    const Response response{.status = 201, .body = "{}", .headers = {{"Retry-After", "5"}}};
    EXPECT_EQ(response_head(response, "abc", kDate, kClose),
              "HTTP/1.1 201 Created\r\n"
              "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
              "Content-Type: application/json\r\n"
              "Content-Length: 2\r\n"
              "X-Correlation-Id: abc\r\n"
              "Retry-After: 5\r\n"
              "Connection: close\r\n"
              "\r\n");
}

TEST(ResponseHead, SaysNothingOfABodyThatTheStatusForbids) {
    for (const unsigned status : {204U, 304U}) {
        const auto head =
            response_head({.status = status, .body = "ignored"}, "abc", kDate, kClose);
        EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
        EXPECT_THAT(head, Not(HasSubstr("Content-Type")));
        EXPECT_FALSE(may_have_body(status));
    }
}

TEST(ResponseHead, CanNotBeSplitByAValue) {
    const Response response{.headers = {{"Location", "/a\r\nSet-Cookie: x=1"}}};
    const auto head = response_head(response, "abc", kDate, kClose);
    EXPECT_THAT(head, HasSubstr("Location: /a  Set-Cookie: x=1\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("\r\nSet-Cookie")));
}

TEST(Persistence, TellsLessThanTheIdleTimeoutAndAtMost75Seconds) {
    const auto told = [](std::chrono::milliseconds idle) {
        return std::string{Persistence{idle}.fields(false)};
    };
    EXPECT_EQ(told(620s), "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n");
    EXPECT_EQ(told(76s), "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n");
    EXPECT_EQ(told(60s), "Connection: keep-alive\r\nKeep-Alive: timeout=59\r\n");
    EXPECT_EQ(told(2500ms), "Connection: keep-alive\r\nKeep-Alive: timeout=1\r\n");
    EXPECT_EQ(told(1900ms), "Connection: keep-alive\r\n");
    EXPECT_EQ(told(10ms), "Connection: keep-alive\r\n");
    EXPECT_EQ(Persistence{620s}.fields(true), "Connection: close\r\n");
}

}  // namespace
}  // namespace events::http
