#include "common/config/env_reader.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace events::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(EnvReader, GivesDefaultsWhereNothingIsSet) {
    const Environment environment{{}};
    EnvReader read{environment};
    EXPECT_EQ(read.port("PORT", 3001, ""), 3001);
    EXPECT_EQ(read.integer("BATCH_SIZE", 1000, {1, 10'000}, ""), 1000);
    EXPECT_EQ(read.milliseconds("WAIT_MS", 20ms, {0ms, 1s}, ""), 20ms);
    EXPECT_EQ(read.bytes("MAX", 7, {0, 100}, ""), 7U);
    EXPECT_TRUE(read.boolean("RETRY", true, ""));
    EXPECT_DOUBLE_EQ(read.ratio("RATIO", 0.25, ""), 0.25);
    EXPECT_EQ(read.secret("URL", "x", "").reveal(), "x");
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(EnvReader, TreatsAnEmptyVariableAsUnset) {
    const Environment environment{{{"PORT", ""}}};
    EnvReader read{environment};
    EXPECT_EQ(read.port("PORT", 3001, ""), 3001);
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(EnvReader, CollectsEveryProblemInsteadOfStoppingAtTheFirst) {
    const Environment environment{{{"PORT", "70000"},
                                   {"BATCH_SIZE", "12x"},
                                   {"WAIT_MS", "-1"},
                                   {"RETRY", "maybe"},
                                   {"RATIO", "1.5"},
                                   {"MAX", "5 parsecs"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.port("PORT", 3001, ""), 3001);
    EXPECT_EQ(read.integer("BATCH_SIZE", 1000, {1, 10'000}, ""), 1000);
    EXPECT_EQ(read.milliseconds("WAIT_MS", 20ms, {0ms, 1s}, ""), 20ms);
    EXPECT_FALSE(read.boolean("RETRY", false, ""));
    EXPECT_DOUBLE_EQ(read.ratio("RATIO", 0.5, ""), 0.5);
    EXPECT_EQ(read.bytes("MAX", 9, {0, 100}, ""), 9U);
    EXPECT_THAT(read.problems(),
                ElementsAre(R"(PORT: "70000" is not an integer from 0 to 65535)",
                            R"(BATCH_SIZE: "12x" is not an integer from 1 to 10000)",
                            R"(WAIT_MS: "-1" is not an integer from 0 to 1000)",
                            HasSubstr(R"(RETRY: "maybe")"), HasSubstr(R"(RATIO: "1.5")"),
                            HasSubstr(R"(MAX: "5 parsecs")")));
}

TEST(EnvReader, TellsAProblemInOneLineWhateverTheVariableHolds) {
    const Environment environment{{{"PORT", "1\r\n\x1b[2J\x7f"}}};
    EnvReader read{environment};
    (void)read.port("PORT", 3001, "");
    EXPECT_THAT(read.problems(),
                ElementsAre(R"(PORT: "1???[2J?" is not an integer from 0 to 65535)"));
}

struct BytesCase {
    const char* text;
    std::uint64_t expected;
};

class ReadBytes : public ::testing::TestWithParam<BytesCase> {};

TEST_P(ReadBytes, UnderstandsUnits) {
    const Environment environment{{{"MAX", GetParam().text}}};
    EnvReader read{environment};
    EXPECT_EQ(read.bytes("MAX", 1, {0, UINT64_MAX}, ""), GetParam().expected);
    EXPECT_THAT(read.problems(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Units, ReadBytes,
                         ::testing::Values(BytesCase{"52428800", 52'428'800},
                                           BytesCase{"512KiB", 524'288},
                                           BytesCase{"50MiB", 52'428'800},
                                           BytesCase{"4 GiB", std::uint64_t{4} << 30}));

TEST(EnvReader, RefusesABytesValueThatOverflows) {
    const Environment environment{{{"MAX", "99999999999TiB"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.bytes("MAX", 1, {0, UINT64_MAX}, ""), 1U);
    EXPECT_EQ(read.problems().size(), 1U);
}

TEST(EnvReader, ReadsASecretFromAFileWithoutItsLineBreak) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "password";
    std::ofstream{file} << "s3cret\n";
    const Environment environment{{{"DATABASE_URL_FILE", file.string()}}};
    EnvReader read{environment};
    EXPECT_EQ(read.secret("DATABASE_URL", "", "").reveal(), "s3cret");
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(EnvReader, RefusesASecretThatIsGivenTwiceOrCanNotBeRead) {
    const Environment twice{{{"URL", "a"}, {"URL_FILE", "/nowhere"}}};
    EnvReader first{twice};
    (void)first.secret("URL", "", "");
    EXPECT_THAT(first.problems(), ::testing::Contains(HasSubstr("both set")));

    const Environment missing{{{"URL_FILE", "/nowhere/at/all"}}};
    EnvReader second{missing};
    (void)second.secret("URL", "", "");
    EXPECT_THAT(second.problems(), ElementsAre(HasSubstr("a file that can be read")));
}

TEST(EnvReader, NamesVariableAndPathOfASecretsFileAndNeverItsContent) {
    const test::TemporaryDirectory folder;
    const auto empty = (folder.path() / "empty").string();
    const auto large = (folder.path() / "large").string();
    const auto largest = (folder.path() / "largest").string();
    std::ofstream{empty} << "\r\n";
    std::ofstream{large} << "hunter2" << std::string(65'536 - 6, 'x');
    std::ofstream{largest} << std::string(65'536, 'x');
    const Environment environment{{{"EMPTY_FILE", empty},
                                   {"LARGE_FILE", large},
                                   {"LARGEST_FILE", largest},
                                   {"FOLDER_FILE", folder.path().string()}}};
    EnvReader read{environment};
    EXPECT_EQ(read.secret("LARGEST", "", "").reveal().size(), 65'536U);
    EXPECT_THAT(read.problems(), IsEmpty());
    for (const auto* name : {"EMPTY", "LARGE", "FOLDER"}) {
        EXPECT_EQ(read.secret(name, "fallback", "").reveal(), "fallback");
    }
    EXPECT_THAT(read.problems(),
                ElementsAre("EMPTY_FILE: \"" + empty + "\" is not a file with a value in it",
                            "LARGE_FILE: \"" + large + "\" is not a file of at most 65536 bytes",
                            "FOLDER_FILE: \"" + folder.path().string() +
                                "\" is not a file that can be read"));
}

TEST(EnvReader, TellsOfASecretsFileInItsDescription) {
    const Environment environment{{}};
    EnvReader read{environment};
    (void)read.secret("DATABASE_URL", "", "the database");
    (void)read.keys("API_KEYS", "who may post");
    ASSERT_EQ(read.variables().size(), 2U);
    EXPECT_EQ(read.variables()[0].description, "the database; or DATABASE_URL_FILE");
    EXPECT_EQ(read.variables()[1].description, "who may post; or API_KEYS_FILE");
}

std::vector<std::string> revealed(const std::vector<Secret>& keys) {
    std::vector<std::string> texts;
    for (const auto& key : keys) texts.push_back(key.reveal());
    return texts;
}

TEST(EnvReader, ReadsKeysBetweenCommasAndLineBreaks) {
    const Environment environment{
        {{"KEYS", " first-key-of-some, second-key-of-some\r\n\n,third-key-of-some\n"}}};
    EnvReader read{environment};
    EXPECT_THAT(revealed(read.keys("KEYS", "")),
                ElementsAre("first-key-of-some", "second-key-of-some", "third-key-of-some"));
    EXPECT_THAT(read.keys("OTHER_KEYS", ""), IsEmpty());
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(EnvReader, ReadsKeysFromAFile) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "keys";
    std::ofstream{file} << "first-key-of-some\nsecond-key-of-some\n";
    const Environment environment{{{"KEYS_FILE", file.string()}}};
    EnvReader read{environment};
    EXPECT_THAT(revealed(read.keys("KEYS", "")),
                ElementsAre("first-key-of-some", "second-key-of-some"));
    EXPECT_THAT(read.problems(), IsEmpty());
}

class BadKeys : public ::testing::TestWithParam<const char*> {};

TEST_P(BadKeys, AreAProblemThatQuotesNoneOfThem) {
    const Environment environment{{{"KEYS", GetParam()}}};
    EnvReader read{environment};
    EXPECT_THAT(read.keys("KEYS", ""), IsEmpty());
    ASSERT_EQ(read.problems().size(), 1U);
    EXPECT_THAT(read.problems()[0], ::testing::StartsWith("KEYS: \"***\""));
    EXPECT_THAT(read.problems()[0], ::testing::Not(HasSubstr("hunter")));
}

INSTANTIATE_TEST_SUITE_P(Texts, BadKeys,
                         ::testing::Values("hunter2-too-sho", "long-enough-as-it-is,hunter2",
                                           "hunter2 with spaces inside", ",", " \n",
                                           "hunter2-with-\xC3\xA9-in-it-"));

TEST(EnvReader, TakesOneKeyWhereOneIsAskedFor) {
    const Environment environment{
        {{"ONE", "first-key-of-some"}, {"TWO", "first-key-of-some,second-key-of-some"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.key("ONE", "")->reveal(), "first-key-of-some");
    EXPECT_FALSE(read.key("NONE", ""));
    EXPECT_THAT(read.problems(), IsEmpty());
    EXPECT_FALSE(read.key("TWO", ""));
    EXPECT_THAT(read.problems(), ElementsAre(HasSubstr("one key")));
}

TEST(EnvReader, WantsFilesThatCanBeRead) {
    const test::TemporaryDirectory folder;
    const auto file = (folder.path() / "ca.pem").string();
    std::ofstream{file} << "a certificate";
    const Environment environment{
        {{"GOOD", file}, {"FOLDER", folder.path().string()}, {"MISSING", "/nowhere/at/all"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.file("GOOD", ""), file);
    EXPECT_EQ(read.file("UNSET", ""), "");
    EXPECT_THAT(read.problems(), IsEmpty());
    (void)read.file("FOLDER", "");
    (void)read.file("MISSING", "");
    EXPECT_THAT(read.problems(), ElementsAre(HasSubstr("FOLDER"), HasSubstr("MISSING")));
}

TEST(EnvReader, RemembersEveryVariableForHelp) {
    const Environment environment{{}};
    EnvReader read{environment};
    (void)read.port("PORT", 3001, "where it listens");
    ASSERT_EQ(read.variables().size(), 1U);
    EXPECT_EQ(read.variables()[0].name, "PORT");
    EXPECT_EQ(read.variables()[0].default_text, "3001");
    EXPECT_EQ(read.variables()[0].description, "where it listens");
}

TEST(Secret, PrintsAsStars) {
    std::ostringstream out;
    out << Secret{"hunter2"};
    EXPECT_EQ(out.str(), "***");
}

}  // namespace
}  // namespace events::config
