#include "dlq/json_reader.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace events::dlq {
namespace {

TEST(JsonReader, TakesOneValueAndNothingElse) {
    for (const std::string_view text :
         {"{}", " [1, 2] ", "\"a\"", "-1.5e3", "null", "{\"a\":{}}"}) {
        EXPECT_TRUE(is_json(text)) << text;
        EXPECT_TRUE(read_json(text)) << text;
    }
    for (const std::string_view text : {"", " ", "{", "{}{}", "[1,]", "{\"a\"}", "tru", "'a'",
                                        "\"\xff\"", "\"\n\"", "01", "// a"}) {
        EXPECT_FALSE(is_json(text)) << text;
        EXPECT_FALSE(read_json(text)) << text;
    }
    EXPECT_EQ(read_json(R"({"a":7})")->at("a"), 7);
}

// nlohmann::json takes a NUL for the end of the text.
TEST(JsonReader, TakesNoNulAnywhere) {
    const std::string value{R"({"a":"b"})"};
    for (std::size_t at = 0; at <= value.size(); ++at) {
        auto text = value;
        text.insert(at, 1, '\0');
        EXPECT_FALSE(is_json(text)) << at;
        EXPECT_FALSE(read_json(text)) << at;
    }
}

TEST(JsonReader, TakesDeepNestingInAFlatStack) {
    constexpr std::size_t kLevels = 100'000;
    const auto deep = std::string(kLevels, '[') + std::string(kLevels, ']');
    EXPECT_TRUE(is_json(deep));
    EXPECT_TRUE(read_json(deep));
    EXPECT_FALSE(read_json(std::string(kLevels, '[')));
}

}  // namespace
}  // namespace events::dlq
