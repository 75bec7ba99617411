#include "common/http/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResponseHead, SaysWhatTheBodyIsAndHowLong) {
    const Response response{.status = 201, .body = "{}", .headers = {{"Retry-After", "5"}}};
    EXPECT_EQ(response_head(response, "abc", Persistence::keep),
              "HTTP/1.1 201 Created\r\n"
              "Content-Type: application/json\r\n"
              "Content-Length: 2\r\n"
              "X-Correlation-Id: abc\r\n"
              "Retry-After: 5\r\n"
              "\r\n");
}

TEST(ResponseHead, SaysWhetherTheConnectionStays) {
    const Response response;
    EXPECT_THAT(response_head(response, "abc", Persistence::close),
                HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(response_head(response, "abc", Persistence::keep_if_asked),
                HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(response_head(response, "abc", Persistence::keep), Not(HasSubstr("Connection")));
}

TEST(ResponseHead, SaysNothingOfABodyThatTheStatusForbids) {
    for (const unsigned status : {204U, 304U}) {
        const auto head =
            response_head({.status = status, .body = "ignored"}, "abc", Persistence::keep);
        EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
        EXPECT_THAT(head, Not(HasSubstr("Content-Type")));
        EXPECT_FALSE(may_have_body(status));
    }
}

TEST(ResponseHead, CanNotBeSplitByAValue) {
    const Response response{.headers = {{"Location", "/a\r\nSet-Cookie: x=1"}}};
    const auto head = response_head(response, "abc", Persistence::keep);
    EXPECT_THAT(head, HasSubstr("Location: /a  Set-Cookie: x=1\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("\r\nSet-Cookie")));
}

}  // namespace
}  // namespace events::http
