#include "common/http/message.hpp"

#include <gtest/gtest.h>

namespace events::http {
namespace {

TEST(Method, HasItsWireName) {
    EXPECT_EQ(to_string(Method::get), "GET");
    EXPECT_EQ(to_string(Method::head), "HEAD");
    EXPECT_EQ(to_string(Method::post), "POST");
    EXPECT_EQ(to_string(Method::put), "PUT");
    EXPECT_EQ(to_string(Method::patch), "PATCH");
    EXPECT_EQ(to_string(Method::delete_), "DELETE");
    EXPECT_EQ(to_string(Method::options), "OPTIONS");
    EXPECT_EQ(to_string(Method::other), "other");
}

TEST(RequestHead, FindsTheFirstHeaderOfANameInAnyCase) {
    RequestHead head;
    head.headers = {{"Accept", "text/csv"}, {"accept", "*/*"}, {"Empty", ""}};
    EXPECT_EQ(head.header("ACCEPT"), "text/csv");
    EXPECT_EQ(head.header("empty"), "");
    EXPECT_EQ(head.header("Acc"), std::nullopt);
}

}  // namespace
}  // namespace events::http
