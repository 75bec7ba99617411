#include "common/events/rejection.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace events {
namespace {

TEST(RejectionCode, HasAWireNameOfItsOwnForEveryCode) {
    std::set<std::string_view> names;
    constexpr int kLast = static_cast<int>(RejectionCode::too_large_for_the_broker);
    for (int code = 0; code <= kLast; ++code) {
        names.insert(to_string(static_cast<RejectionCode>(code)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(kLast) + 1);
    EXPECT_EQ(names.count("unknown"), 0U);
    EXPECT_EQ(to_string(RejectionCode::missing_field), "missing_field");
    EXPECT_EQ(to_string(RejectionCode::in_the_future), "in_the_future");
    EXPECT_EQ(to_string(RejectionCode::too_old), "too_old");
}

}  // namespace
}  // namespace events
