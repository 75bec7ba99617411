#include "common/http/date.hpp"

#include <gtest/gtest.h>

namespace events::http {
namespace {

using namespace std::chrono_literals;

TEST(HttpDate, IsWrittenAsTheRfcDoes) {
    EXPECT_EQ(http_date(std::chrono::sys_seconds{784'111'777s}), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(std::chrono::sys_seconds{0s}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(CurrentDate, IsNow) {
    CurrentDate date;
    const auto seconds = [] {
        return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    };
    const auto before = seconds();
    const std::string text{date.text()};
    const auto after = seconds();
    bool is_now = false;
    for (auto at = before; at <= after; at += 1s) is_now |= text == http_date(at);
    EXPECT_TRUE(is_now) << text;
}

}  // namespace
}  // namespace events::http
