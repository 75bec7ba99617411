#include "common/http/field_values.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::http {
namespace {

std::vector<std::string> members(std::string_view text, char separator = ',') {
    std::vector<std::string> taken;
    while (!text.empty()) taken.emplace_back(take_member(text, separator));
    return taken;
}

using Members = std::vector<std::string>;

TEST(TakeMember, SplitsAListAndTrims) {
    EXPECT_EQ(members("a, b\t,c"), (Members{"a", "b", "c"}));
    EXPECT_EQ(members(" a "), (Members{"a"}));
    EXPECT_EQ(members("a,,b,"), (Members{"a", "", "b"}));
    EXPECT_EQ(members(""), Members{});
}

TEST(TakeMember, LeavesQuotedStringsWhole) {
    EXPECT_EQ(members(R"(a="x;y";b)", ';'), (Members{R"(a="x;y")", "b"}));
    EXPECT_EQ(members(R"(a="x\";y";b)", ';'), (Members{R"(a="x\";y")", "b"}));
    EXPECT_EQ(members(R"(a="x;y)", ';'), (Members{R"(a="x;y)"})) << "one that does not end";
    EXPECT_EQ(members("\"\\", ';'), (Members{"\"\\"}));
}

TEST(Quality, IsThatOfItsParameter) {
    EXPECT_EQ(quality(""), 1);
    EXPECT_EQ(quality("level=1"), 1);
    EXPECT_EQ(quality("level=1 ; Q = 0.5"), 0.5);
    EXPECT_EQ(quality("q=0"), 0);
    EXPECT_EQ(quality("q=many"), 0);
}

}  // namespace
}  // namespace events::http
