#include "dlq/command_line.hpp"

#include "common/events/time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::dlq {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Timestamp kNow = parse_timestamp("2026-03-01T12:00:00Z").value();

Expected<CommandLine, std::string> parse(std::vector<const char*> arguments) {
    return parse_command_line(arguments, kNow);
}

TEST(CommandLineOfDlq, ReadsACommandWithItsFilters) {
    const auto line = parse({"list", "--reason", "missing_field,wrong_type", "--source=tiktok",
                             "--since", "2h", "--until", "2026-03-01T11:30:00Z", "--correlation-id",
                             "c-1", "--sequence=3-5", "--limit", "7", "--oldest", "--json"});
    ASSERT_TRUE(line) << line.error();
    EXPECT_EQ(line->action, Action::list);
    EXPECT_THAT(line->filter.codes, ::testing::ElementsAre("missing_field", "wrong_type"));
    EXPECT_EQ(line->filter.subject, "dead.tiktok");
    EXPECT_EQ(line->filter.since, kNow - 2h);
    EXPECT_EQ(line->filter.until, kNow - 30min);
    EXPECT_EQ(line->filter.correlation_id, "c-1");
    EXPECT_EQ(line->filter.span().last, 5U);
    EXPECT_EQ(line->limit, 7U);
    EXPECT_TRUE(line->oldest_first);
    EXPECT_TRUE(line->json);
    EXPECT_FALSE(line->apply);
}

TEST(CommandLineOfDlq, ChangesNothingUnlessItIsTold) {
    EXPECT_FALSE(parse({"replay"})->apply);
    EXPECT_TRUE(parse({"replay", "--apply"})->apply);
    EXPECT_TRUE(parse({"purge", "--all", "--apply"})->apply);
}

TEST(CommandLineOfDlq, ShowsOneLetter) {
    EXPECT_EQ(parse({"show", "17"})->sequence, 17U);
    EXPECT_EQ(parse({"show", "--json", "17"})->sequence, 17U);
}

TEST(CommandLineOfDlq, QuotesNothingThatCouldBeAUrlWithAUser) {
    for (const auto& arguments :
         std::vector<std::vector<const char*>>{{"nats://ann:open-sesame@host", "list"},
                                               {"list", "nats://ann:open-sesame@host"},
                                               {"list", "--limit", "nats://ann:open-sesame@host"},
                                               {"show", "nats://ann:open-sesame@host"}}) {
        EXPECT_THAT(parse(arguments).error(),
                    ::testing::AllOf(::testing::Not(HasSubstr("open-")), HasSubstr("***")));
    }
}

TEST(CommandLineOfDlq, AsksForHelpAnywhere) {
    EXPECT_EQ(parse({"purge", "--help"})->action, Action::help);
    EXPECT_EQ(parse({"--version"})->action, Action::version);
}

TEST(CommandLineOfDlq, NamesEveryOptionInItsHelp) {
    const auto help = help_text({});
    for (const auto* option :
         {"--reason", "--source", "--since", "--until", "--correlation-id", "--sequence", "--limit",
          "--oldest", "--json", "--output", "--force", "--edited", "--apply", "--all"}) {
        EXPECT_THAT(help, HasSubstr(option));
    }
}

struct WrongCase {
    const char* name;
    std::vector<const char*> arguments;
    const char* problem;
};

class WrongCommandLine : public ::testing::TestWithParam<WrongCase> {};

TEST_P(WrongCommandLine, IsRefusedWithItsReason) {
    const auto line = parse(GetParam().arguments);
    ASSERT_FALSE(line);
    EXPECT_THAT(line.error(), HasSubstr(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, WrongCommandLine,
    ::testing::Values(
        WrongCase{"Nothing", {}, "a command is missing"},
        WrongCase{"UnknownCommand", {"lst"}, "unknown command lst"},
        WrongCase{"UnknownOption", {"list", "--revers"}, "list has no --revers"},
        WrongCase{"OptionOfAnotherCommand", {"list", "--apply"}, "list has no --apply"},
        WrongCase{"MissingValue", {"list", "--limit"}, "--limit needs a value"},
        WrongCase{"ValueOfAFlag", {"replay", "--apply=no"}, "--apply takes no value"},
        WrongCase{"UnknownReason",
                  {"list", "--reason", "mising_field"},
                  "one or more of in_the_future, malformed_body,"},
        WrongCase{"UnknownSource", {"list", "--source", "myspace"}, "--source"},
        WrongCase{"BadTime", {"list", "--since", "yesterday"}, "--since"},
        WrongCase{"BadSequence", {"list", "--sequence", "5-3"}, "--sequence"},
        WrongCase{"EscapeSequence", {"\x1b[2J"}, "\\x1b[2J"},
        WrongCase{"ShowWithoutSequence", {"show"}, "show needs"},
        WrongCase{"ShowOfARange", {"show", "1-2"}, "show needs"},
        WrongCase{"PurgeOfEverythingByAccident", {"purge", "--apply"}, "a filter, or --all"},
        WrongCase{"PurgeOfAllAndSome", {"purge", "--all", "--since", "1h"}, "not both"},
        WrongCase{"EditedWithAFilter", {"replay", "--edited", "f", "--since", "1h"}, "no filter"}),
    [](const auto& wrong) { return wrong.param.name; });

}  // namespace
}  // namespace events::dlq
