#include "common/config/env_reader.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

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
    const Environment environment{{{"PORT", ""}, {"HOST", " \r\n"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.port("PORT", 3001, ""), 3001);
    EXPECT_EQ(read.text("HOST", "0.0.0.0", ""), "0.0.0.0");
    EXPECT_THAT(read.problems(), IsEmpty());
}

// A file made on Windows gave every value a "\r", and a template a blank: PORT "3001 " was refused.
TEST(EnvReader, DropsBlanksAndLineBreaksAroundAValue) {
    const Environment environment{{{"PORT", " 3001\r\n"},
                                   {"WAIT_MS", "\t20 "},
                                   {"RETRY", "true "},
                                   {"NAME", "\n two words\n"},
                                   {"URL", "  hunter2\n"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.port("PORT", 1, ""), 3001);
    EXPECT_EQ(read.milliseconds("WAIT_MS", 1ms, {0ms, 1s}, ""), 20ms);
    EXPECT_TRUE(read.boolean("RETRY", false, ""));
    EXPECT_EQ(read.text("NAME", "", ""), "two words");
    EXPECT_EQ(read.secret("URL", "", "").reveal(), "hunter2");
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
    EXPECT_THAT(
        read.problems(),
        ElementsAre(R"(PORT: "70000" is not an integer from 0 to 65535)",
                    R"(BATCH_SIZE: "12x" is not an integer from 1 to 10000)",
                    HasSubstr(R"(WAIT_MS: "-1" is not a number of milliseconds from 0 to 1000)"),
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

TEST(EnvReader, RefusesABytesValueThatOverflows) {
    const Environment environment{{{"MAX", "99999999999TiB"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.bytes("MAX", 1, {0, UINT64_MAX}, ""), 1U);
    EXPECT_EQ(read.problems().size(), 1U);
}

TEST(EnvReader, TakesAChoiceAndItsAliasesInAnyCase) {
    constexpr std::array<std::pair<std::string_view, int>, 2> kChoices{{{"one", 1}, {"two", 2}}};
    constexpr std::array<std::pair<std::string_view, int>, 1> kAliases{{{"pair", 2}}};
    const auto read_one = [&](const char* text) {
        const Environment environment{{{"COUNT", text}}};
        EnvReader read{environment};
        const auto value = read.choice<int>("COUNT", 1, kChoices, "", kAliases);
        return std::pair{value, read.problems()};
    };
    EXPECT_EQ(read_one("TWO").first, 2);
    EXPECT_EQ(read_one("Pair").first, 2);
    EXPECT_THAT(read_one("three").second, ElementsAre(R"(COUNT: "three" is not one of one, two)"));
}

// A database's URL in the wrong variable, or behind a typing error, was printed with its password.
TEST(EnvReader, QuotesNothingThatCouldBeAUrlWithAUser) {
    const Environment environment{{{"PORT", "postgresql://app:hunter2@db/events"},
                                   {"LEVEL", "app:hunter2@db"},
                                   {"URL_FILE", "postgresql://app:hunter2@db/events"},
                                   {"KEY_FILE", "hunter2hunter2hunter2"}}};
    EnvReader read{environment};
    (void)read.port("PORT", 1, "");
    (void)read.integer("LEVEL", 1, {1, 2}, "");
    (void)read.secret("URL", "", "");
    (void)read.key("KEY", "");
    EXPECT_EQ(read.problems().size(), 4U);
    for (const auto& problem : read.problems()) {
        EXPECT_THAT(problem, ::testing::Not(HasSubstr("hunter2")));
        EXPECT_THAT(problem, HasSubstr("\"***\""));
    }
}

TEST(EnvReader, WantsAFolderThatCanBeWrittenToOrMade) {
    const test::TemporaryDirectory folder;
    const auto file = (folder.path() / "file").string();
    std::ofstream{file} << "no folder";
    const Environment environment{{{"THERE", folder.path().string()},
                                   {"TO_BE_MADE", (folder.path() / "a" / "b").string()},
                                   {"FILE", file},
                                   {"UNDER_A_FILE", file + "/spool"}}};
    EnvReader read{environment};
    EXPECT_EQ(read.folder("THERE", "", ""), folder.path().string());
    (void)read.folder("TO_BE_MADE", "", "");
    (void)read.folder("RELATIVE", "spool", "");
    EXPECT_THAT(read.problems(), IsEmpty());
    (void)read.folder("FILE", "", "");
    (void)read.folder("UNDER_A_FILE", "", "");
    EXPECT_THAT(read.problems(), ElementsAre(HasSubstr("FILE"), HasSubstr("UNDER_A_FILE")));
}

TEST(EnvReader, KeepsWarningsApartFromProblems) {
    const Environment environment{{}};
    EnvReader read{environment};
    read.warning("URL", "its parameter pool has no meaning here");
    EXPECT_THAT(read.warnings(), ElementsAre("URL: its parameter pool has no meaning here"));
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(EnvReader, ReadsASecretFromAFileWithoutWhatIsAroundIt) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "password";
    std::ofstream{file} << "\xEF\xBB\xBF \ts3cret \r\n\n";
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
                                           "hunter2-with-\xC3\xA9-in-it-",
                                           "\"hunter2hunter2hunter2\"", "'hunter2hunter2hunter2'",
                                           "hunter2hunter2hunter2;hunter3hunter3hunter3"));

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

// What was read once stayed until a restart.
TEST(Secret, OfAFileIsWhatStandsThereNow) {
    const test::TemporaryDirectory folder;
    const auto file = folder.path() / "secret";
    std::ofstream{file} << "first\n";
    const Environment environment{{{"URL_FILE", file.string()}, {"WORD", "fixed"}}};
    EnvReader read{environment};
    auto secret = read.secret("URL", "", "");
    EXPECT_TRUE(secret.can_change());
    std::ofstream{file} << "second\n";
    EXPECT_EQ(secret.reveal(), "first");
    secret = secret.renewed();
    EXPECT_EQ(secret.reveal(), "second");
    std::filesystem::remove(file);
    EXPECT_EQ(secret.renewed().reveal(), "second");
    std::ofstream{file} << "\n";
    EXPECT_EQ(secret.renewed().reveal(), "second");
    std::ofstream{file} << "third";
    EXPECT_EQ(secret.renewed().renewed().reveal(), "third");

    const auto fixed = read.secret("WORD", "", "");
    EXPECT_FALSE(fixed.can_change());
    EXPECT_EQ(fixed.renewed().reveal(), "fixed");
}

TEST(Secret, PrintsAsStars) {
    std::ostringstream out;
    out << Secret{"hunter2"};
    EXPECT_EQ(out.str(), "***");
}

TEST(EnvReader, WarnsOfVariablesThatNobodyReadsAndThatLookLikeOneOfItsOwn) {
    const Environment environment{{{"API_KEY", "hunter2hunter2hunter2"},
                                   {"apiKeys", "hunter2hunter2hunter2"},
                                   {"API_KEYS_LIST", "hunter2hunter2hunter2"},
                                   {"DATABASE_URI", "x"},
                                   {"LOG_LEVLE", "info"},
                                   {"DATABASE_POOL_SIZE", "5"},
                                   {"DAYS_FACEBOOK", "5"},
                                   {"DAYS_TIKTOK", "5"},
                                   {"POST", "5"},
                                   {"HOSTNAME", "somewhere"},
                                   {"NATS_PORT_4222_TCP_ADDR", "10.0.0.1"},
                                   {"NATS_SERVICE_HOST", "10.0.0.1"}}};
    EnvReader read{environment};
    EXPECT_THAT(read.keys("API_KEYS", ""), IsEmpty());
    for (const auto* name : {"DATABASE_URL", "LOG_LEVEL", "DAYS", "DAYS_FACEBOOK", "PORT", "HOST",
                             "NATS_URL", "DATABASE_POOL_SIZE"}) {
        (void)read.text(name, "", "");
    }
    read.leave_to_others("DAYS_TIKTOK");
    EXPECT_THAT(read.warnings(),
                ElementsAre("API_KEY: this variable is not read; API_KEYS may be meant",
                            "API_KEYS_LIST: this variable is not read; API_KEYS may be meant",
                            "DATABASE_URI: this variable is not read; DATABASE_URL may be meant",
                            "LOG_LEVLE: this variable is not read; LOG_LEVEL may be meant",
                            "apiKeys: this variable is not read; API_KEYS may be meant"));
}

}  // namespace
}  // namespace events::config
