#include "dlq/json_view.hpp"

#include <gtest/gtest.h>

#include <string>

namespace events::dlq {
namespace {

TEST(JsonView, MarksTheFieldThatThePathNames) {
    EXPECT_EQ(
        view_of(R"({"a":1,"data":{"user":{"age":-1.50e3,"age2":[1,{}]},"x":{}}})", "data.user.age"),
        "  {\n"
        "    \"a\": 1,\n"
        "    \"data\": {\n"
        "      \"user\": {\n"
        ">       \"age\": -1.50e3,\n"
        "        \"age2\": [\n"
        "          1,\n"
        "          {}\n"
        "        ]\n"
        "      },\n"
        "      \"x\": {}\n"
        "    }\n"
        "  }\n");
}

TEST(JsonView, MarksTheInnermostThatThereIsWhenTheFieldIsMissing) {
    EXPECT_EQ(view_of(R"({"data":{"user":{"name":"x"}}, "user":{"age":1}})", "data.user.age"),
              "  {\n"
              "    \"data\": {\n"
              ">     \"user\": {\n"
              "        \"name\": \"x\"\n"
              "      }\n"
              "    },\n"
              "    \"user\": {\n"
              "      \"age\": 1\n"
              "    }\n"
              "  }\n");
}

TEST(JsonView, MarksTheWholeWhereNoFieldIsToBlame) {
    EXPECT_EQ(view_of("[true]", "$"), "> [\n    true\n  ]\n");
    EXPECT_EQ(view_of(R"({"a":1})", "b"), "> {\n    \"a\": 1\n  }\n");
    EXPECT_EQ(view_of("12", ""), "> 12\n");
}

TEST(JsonView, ShowsWhatIsNotJsonAsItCame) {
    EXPECT_EQ(view_of("{\"a\":\n 1,}\x1b[2J", "$"), "  {\"a\":\n   1,}\\x1b[2J\n");
    EXPECT_EQ(view_of("", "$"), "");
}

// The JSON reader takes a NUL for the end: what stands behind it was laid out as if it were JSON,
// and ended the program.
TEST(JsonView, ShowsWhatHasANulAsItCame) {
    const auto view = [](std::string_view raw) { return view_of(raw, "data"); };
    EXPECT_EQ(view({"{}\0,", 4}), "  {}\\x00,\n");
    EXPECT_EQ(view({"{}\0}", 4}), "  {}\\x00}\n");
    EXPECT_EQ(view({"1\0\"", 3}), "  1\\x00\"\n");
    EXPECT_EQ(view({"{}\0", 3}), "  {}\\x00\n");
    EXPECT_EQ(view({"\0{}", 3}), "  \\x00{}\n");
    EXPECT_EQ(view({"{\"a\":\"\0\"}", 9}), "  {\"a\":\"\\x00\"}\n");
    EXPECT_EQ(view({"[1]\0]]]]]]", 10}), "  [1]\\x00]]]]]]\n");
}

TEST(JsonView, DoesNotLayOutWhatIsNestedTooDeeply) {
    const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
    EXPECT_EQ(view_of(deep, "$"), "  " + deep + "\n");
}

TEST(JsonView, KeepsStringsWhole) {
    EXPECT_EQ(view_of(R"({"a":"{\"b\":[1,2]}\\","a":"\u0000"})", "a"),
              "  {\n    \"a\": \"{\\\"b\\\":[1,2]}\\\\\",\n>   \"a\": \"\\u0000\"\n  }\n");
}

}  // namespace
}  // namespace events::dlq
