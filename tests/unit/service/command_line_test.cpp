#include "common/service/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace events::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

CommandLine parse(std::initializer_list<const char*> arguments) {
    return parse_command_line(std::span<const char* const>{arguments.begin(), arguments.size()});
}

TEST(CommandLine, RunsWithoutArguments) {
    EXPECT_EQ(parse({}).action, Action::run);
}

TEST(CommandLine, KnowsItsOptions) {
    EXPECT_EQ(parse({"--check-config"}).action, Action::check_config);
    EXPECT_EQ(parse({"--health-check"}).action, Action::health_check);
    EXPECT_EQ(parse({"--migrate"}).action, Action::migrate);
    EXPECT_EQ(parse({"--help"}).action, Action::help);
    EXPECT_EQ(parse({"-h"}).action, Action::help);
    EXPECT_EQ(parse({"--version"}).action, Action::version);
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
    const auto command = parse({"--chek-config"});
    EXPECT_EQ(command.action, Action::refuse);
    EXPECT_EQ(command.unknown, "--chek-config");
}

TEST(CommandLine, HelpShowsEveryVariableWithItsDefault) {
    const std::array variables{config::Variable{"PORT", "3001", "where it listens"},
                               config::Variable{"BATCH_SIZE", "1000", "events at one time"}};
    const auto text = help_text({"gateway", "takes events"}, variables);
    EXPECT_THAT(text, HasSubstr("gateway: takes events"));
    EXPECT_THAT(text, HasSubstr("PORT [3001]\n      where it listens"));
    EXPECT_THAT(text, HasSubstr("BATCH_SIZE [1000]"));
}

TEST(CommandLine, HelpShowsTheMigrationsWhereThereIsADatabase) {
    EXPECT_THAT(help_text({"reporter", "answers", true}, {}), HasSubstr("--migrate"));
    EXPECT_THAT(help_text({"gateway", "takes events"}, {}), Not(HasSubstr("--migrate")));
}

}  // namespace
}  // namespace events::service
