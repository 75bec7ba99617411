#include "common/events/array_splitter.hpp"

#include "edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace events::json {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::SizeIs;

struct Split {
    std::vector<std::string> elements;
    std::optional<std::size_t> error_at;
};

Split split(std::string_view text) {
    const test::Exact exact{text};
    ArraySplitter splitter{exact.view()};
    Split result;
    while (const auto element = splitter.next()) result.elements.emplace_back(*element);
    if (splitter.error()) result.error_at = splitter.error()->offset;
    return result;
}

struct SplitCase {
    std::string name;
    std::string text;
    std::vector<std::string> elements;
};

void PrintTo(const SplitCase& row, std::ostream* out) {
    *out << row.name;
}

class ArraySplitterOf : public ::testing::TestWithParam<SplitCase> {};

TEST_P(ArraySplitterOf, CutsBetweenTheElements) {
    const auto result = split(GetParam().text);
    EXPECT_EQ(result.error_at, std::nullopt);
    EXPECT_THAT(result.elements, ElementsAreArray(GetParam().elements));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ArraySplitterOf,
    ::testing::Values(
        SplitCase{"Nothing", "[]", {}}, SplitCase{"SpaceOnly", "[ \n]\t", {}},
        SplitCase{"Objects", R"([{"a":1},{"b":[2,3]}])", {R"({"a":1})", R"({"b":[2,3]})"}},
        SplitCase{"WhiteSpace", "[ {} ,\n[ ] , 1 ]", {"{}", "[ ]", "1"}},
        SplitCase{"BracketsInStrings", R"([{"a":"]},["},"[,"])", {R"({"a":"]},["})", R"("[,")"}},
        SplitCase{"QuotesInStrings",
                  R"(["\"],[","\\",{"\\\"":1}])",
                  {R"("\"],[")", R"("\\")", R"({"\\\"":1})"}},
        SplitCase{"BrokenInside",
                  R"([{nope},{"a" "b"},tru,{}])",
                  {"{nope}", R"({"a" "b"})", "tru", "{}"}},
        SplitCase{"BadUtf8", "[\"\xff\",{}]", {"\"\xff\"", "{}"}},
        SplitCase{"Colon", "[a:b]", {"a:b"}}),
    [](const auto& row) { return row.param.name; });

struct FrameCase {
    std::string name;
    std::string text;
    std::size_t error_at;
};

void PrintTo(const FrameCase& row, std::ostream* out) {
    *out << row.name;
}

class BrokenFrame : public ::testing::TestWithParam<FrameCase> {};

TEST_P(BrokenFrame, IsFoundWhereItIs) {
    EXPECT_EQ(split(GetParam().text).error_at, GetParam().error_at);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenFrame,
    ::testing::Values(
        FrameCase{"NotClosed", "[{}", 3}, FrameCase{"NotClosedAtOnce", "[", 1},
        FrameCase{"NotClosedBehindComma", "[1,", 3}, FrameCase{"MissingComma", "[{} {}]", 4},
        FrameCase{"MissingCommaBehindScalar", "[1{}]", 2}, FrameCase{"TwoCommas", "[1,,2]", 3},
        FrameCase{"CommaFirst", "[,1]", 1}, FrameCase{"CommaLast", "[1,]", 3},
        FrameCase{"Behind", "[1] 2", 4}, FrameCase{"WrongBracket", "[{]]", 2},
        FrameCase{"Superfluous", "[}]", 1}, FrameCase{"OpenObject", "[{\"a\":1]", 7},
        FrameCase{"OpenString", "[\"abc]", 1}, FrameCase{"OpenStringInside", "[{\"a\":\"b}]", 6},
        FrameCase{"BackslashLast", "[\"a\\", 1}),
    [](const auto& row) { return row.param.name; });

TEST(ArraySplitter, IsNotOverrunByDeepNesting) {
    constexpr std::size_t kDeep = 1'000'000;
    const auto bomb = test::repeated("[", kDeep) + test::repeated("]", kDeep);
    EXPECT_THAT(split("[" + bomb + ",1]").elements, ElementsAre(SizeIs(2 * kDeep), "1"));
    EXPECT_EQ(split(test::repeated("[", kDeep)).error_at, kDeep);
}

}  // namespace
}  // namespace events::json
