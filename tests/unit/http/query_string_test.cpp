#include "common/http/query_string.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MATCHER_P2(Is, name, value, "") {
    return arg.name == name && arg.value == std::optional<std::string>{value};
}

MATCHER_P(HasNoValue, name, "") {
    return arg.name == name && !arg.value;
}

TEST(SplitQuery, DecodesNamesAndValuesInOrder) {
    EXPECT_THAT(split_query("city=S%C3%A3o+Paulo&%66rom=a%2Bb%26c%3Dd"),
                ElementsAre(Is("city", "S\xC3\xA3o Paulo"), Is("from", "a+b&c=d")));
}

TEST(SplitQuery, KeepsRepeatedNamesAndEverythingBehindTheFirstEqualsSign) {
    EXPECT_THAT(split_query("a=1&a=2&b=c=d"),
                ElementsAre(Is("a", "1"), Is("a", "2"), Is("b", "c=d")));
}

TEST(SplitQuery, GivesAnEmptyValueToANameAlone) {
    EXPECT_THAT(split_query("a&b=&=c"), ElementsAre(Is("a", ""), Is("b", ""), Is("", "c")));
}

TEST(SplitQuery, SkipsEmptyPieces) {
    EXPECT_THAT(split_query(""), IsEmpty());
    EXPECT_THAT(split_query("&"), IsEmpty());
    EXPECT_THAT(split_query("&&a=1&&b=2&"), ElementsAre(Is("a", "1"), Is("b", "2")));
}

TEST(SplitQuery, GivesNoValueWhereThePercentEncodingIsBroken) {
    EXPECT_THAT(split_query("a=%&b=%4&c=%zz&d=%41"),
                ElementsAre(HasNoValue("a"), HasNoValue("b"), HasNoValue("c"), Is("d", "A")));
    EXPECT_THAT(split_query("%zz=1"), ElementsAre(Is("%zz", "1")));
}

// boost::urls::parse_query of 1.81 does.
TEST(SplitQuery, ReadsNothingBehindTheQuery) {
    const std::string_view line = "a=1&b=2\n&c=3";
    EXPECT_THAT(split_query(line.substr(0, 7)), ElementsAre(Is("a", "1"), Is("b", "2")));
    EXPECT_THAT(split_query(line.substr(0, 0)), IsEmpty());
}

}  // namespace
}  // namespace events::http
