#include "erase/mentions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::erase {
namespace {

using PlacesOfPersons = std::set<std::size_t>;

const std::vector<Person>& persons() {
    static const std::vector<Person> all{Person{"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5"},
                                         Person{"7"}, Person{"Jörg \"J\" \\ O'Neil"},
                                         Person{"male"}};
    return all;
}

struct Case {
    std::string name;
    std::string text;
    PlacesOfPersons expected;
};

class MentionsIn : public ::testing::TestWithParam<Case> {};

TEST_P(MentionsIn, FindsWhoIsMeant) {
    EXPECT_EQ(Mentions{persons()}.in(GetParam().text), GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MentionsIn,
    ::testing::Values(
        Case{
            "Event", R"({"data":{"user":{"userId":"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5"}}})", {0}},
        Case{"AnotherField", R"({"note":["0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5"]})", {0}},
        Case{"Key", R"({"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5":1})", {0}},
        Case{"LongerId", R"({"userId":"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5x"})", {}},
        Case{"Number", R"({"userId":7,"age":8})", {1}},
        Case{"ShortIdAsUserId", R"({"userId":"7"})", {1}},
        Case{"ShortIdElsewhere", R"({"age":7,"gender":"male","n":"7"})", {}},
        Case{"ShortWordAsUserId", R"({"userId":"male","gender":"male"})", {3}},
        Case{"Escaped", R"({"userId":"J\u00f6rg \"J\" \\ O'Neil"})", {2}},
        Case{"SeveralLines", "{\"userId\":\"7\"}\nno JSON\n{\"userId\":\"male\"}", {1, 3}},
        Case{"Body",
             R"([{"userId":"7"},{"userId":"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5"}])",
             {0, 1}},
        Case{"CutBehind", R"({"user":{"userId":"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5","na)", {0}},
        Case{"CutInTheId", R"({"user":{"userId":"0c9d1f2e-3a4b-4c5d-8e6f-708192a3b)", {}},
        Case{"Form", "id=0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5&n=1", {0}},
        Case{"PartOfAWord", "id=0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5f", {}},
        Case{"ShortIdInText", R"({"userId": "7", "age": 7, )", {1}},
        Case{"ShortIdInAnotherPlaceOfText", R"({"userId": "8", "age": 7, )", {}},
        Case{"EscapedInText", R"({"userId": "Jörg \"J\" \\ O'Neil", )", {2}},
        Case{"NotUtf8", "\xff\xfe id 0c9d1f2e-3a4b-4c5d-8e6f-708192a3b4c5 \xff", {0}},
        Case{"Empty", "", {}}),
    [](const auto& of) { return of.param.name; });

TEST(Mentions, ReadsJsonHoweverDeepItIs) {
    constexpr int kDepth = 100'000;
    const auto deep = std::string(kDepth, '[') + R"({"userId":"7"})" + std::string(kDepth, ']');
    EXPECT_EQ(Mentions{persons()}.in(deep), (PlacesOfPersons{1}));
}

}  // namespace
}  // namespace events::erase
