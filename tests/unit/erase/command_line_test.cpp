#include "erase/command_line.hpp"

#include "common/sources/tiktok.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <sstream>

namespace events::erase {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

auto parse(std::initializer_list<const char*> arguments, Program program = Program::erase) {
    return parse_command_line(program, {arguments.begin(), arguments.size()});
}

TEST(EraseCommandLine, TakesPersonsAndOptionsInAnyOrder) {
    const auto line = parse({"a", "--source=tiktok", "b", "--reason", "they asked",
                             "--requested-by=Ada", "--now", "--json", "--", "--ids"});
    ASSERT_TRUE(line) << line.error();
    EXPECT_EQ(line->action, Action::erase);
    EXPECT_THAT(line->ids, ElementsAre("a", "b", "--ids"));
    EXPECT_THAT(line->sources(), ElementsAre(kTikTok));
    EXPECT_EQ(line->occasion.reason, "they asked");
    EXPECT_EQ(line->occasion.requested_by, "Ada");
    EXPECT_TRUE(line->now);
    EXPECT_TRUE(line->json);
}

TEST(EraseCommandLine, KnowsWhatIsToBeDone) {
    EXPECT_EQ(parse({"--check", "a"})->action, Action::check);
    EXPECT_EQ(parse({"a", "--dry-run"})->action, Action::dry_run);
    EXPECT_EQ(parse({"--ledger"})->action, Action::ledger);
    EXPECT_EQ(parse({"--help"})->action, Action::help);
    EXPECT_EQ(parse({"--version"})->action, Action::version);
    EXPECT_EQ(parse({"a"}, Program::export_user)->action, Action::export_user);
    EXPECT_EQ(parse({"--ids", "file"})->id_file, "file");
}

TEST(EraseCommandLine, RefusesWhatItDoesNotUnderstandWithoutQuotingAPerson) {
    for (const auto arguments : std::initializer_list<std::initializer_list<const char*>>{
             {},
             {""},
             {"--secret-person"},
             {"a", "--source", "secret-person"},
             {"a", "--source"},
             {"--check", "--ledger", "a"},
             {"--check", "--now", "a"},
             {"a", "--now=1"}}) {
        const auto line = parse(arguments);
        ASSERT_FALSE(line);
        EXPECT_THAT(line.error(), Not(HasSubstr("secret")));
    }
    EXPECT_FALSE(parse({"a", "--reason", "x"}, Program::export_user));
    EXPECT_FALSE(parse({"a", "--now"}, Program::export_user));
}

TEST(EraseCommandLine, TellsOfEachOptionAndVariable) {
    const auto text = help_text(Program::erase, {});
    EXPECT_THAT(text, HasSubstr("--requested-by TEXT"));
    EXPECT_THAT(text, HasSubstr("--dry-run"));
    EXPECT_THAT(help_text(Program::export_user, {}), Not(HasSubstr("--dry-run")));
}

TEST(EraseCommandLine, ReadsIdsOnceEach) {
    std::istringstream file{"b\r\n\n a \nb\nc"};
    std::vector<std::string> ids{"a", "c"};
    read_ids(file, ids);
    EXPECT_THAT(ids, ElementsAre("a", "c", "b", " a "));
}

}  // namespace
}  // namespace events::erase
