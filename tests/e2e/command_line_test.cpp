// Configuration as an operator meets it: --help, --check-config, .env.example.
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace events::test {
namespace {

using ::testing::HasSubstr;

struct Outcome {
    int code;
    std::string output;
};

Outcome run_daemon(const std::string& daemon, const std::vector<std::string>& arguments,
                   std::map<std::string, std::string> environment = {}) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    std::vector<std::string> command{(bin_directory() / daemon).string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto status = run({.command = std::move(command),
                             .environment = std::move(environment),
                             .output = output,
                             .user = {}});
    return {status.code, read_file(output)};
}

class CommandLine : public ::testing::TestWithParam<const char*> {};

TEST_P(CommandLine, ReportsEveryProblemAtOnceAndExitsWith78) {
    const auto [code, output] = run_daemon(
        GetParam(), {}, {{"PORT", "no-port"}, {"LOG_LEVEL", "loud"}, {"SHUTDOWN_GRACE_MS", "-1"}});
    EXPECT_EQ(code, 78);
    EXPECT_THAT(output, HasSubstr("PORT: \"no-port\""));
    EXPECT_THAT(output, HasSubstr("LOG_LEVEL: \"loud\""));
    EXPECT_THAT(output, HasSubstr("SHUTDOWN_GRACE_MS: \"-1\""));
}

TEST_P(CommandLine, ChecksItsConfigurationWithoutStarting) {
    EXPECT_EQ(run_daemon(GetParam(), {"--check-config"}).code, 0);
    EXPECT_EQ(run_daemon(GetParam(), {"--check-config"}, {{"PORT", "70000"}}).code, 78);
}

TEST_P(CommandLine, SaysItsVersionAndRefusesWhatItDoesNotKnow) {
    const auto version = run_daemon(GetParam(), {"--version"});
    EXPECT_EQ(version.code, 0);
    EXPECT_THAT(version.output, HasSubstr(GetParam()));
    EXPECT_EQ(run_daemon(GetParam(), {"--verson"}).code, 64);
}

TEST_P(CommandLine, ItsExampleFileHasEveryVariableWithItsDefault) {
    const std::string daemon = GetParam();
    const auto path = daemon == "publisher"
                          ? source_directory() / ".env.publisher.example"
                          : source_directory() / "services" / daemon / ".env.example";
    std::map<std::string, std::string> example;
    std::istringstream lines{read_file(path)};
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        static const std::regex kAssignment{R"(^#? ?([A-Z][A-Z0-9_]*)=(.*)$)"};
        if (std::regex_match(line, match, kAssignment)) example[match[1]] = match[2];
    }
    std::map<std::string, std::string> documented;
    std::istringstream help{run_daemon(daemon, {"--help"}).output};
    for (std::string line; std::getline(help, line);) {
        std::smatch match;
        static const std::regex kVariable{R"(^  ([A-Z][A-Z0-9_]*) \[(.*)\]$)"};
        if (std::regex_match(line, match, kVariable)) documented[match[1]] = match[2];
    }
    EXPECT_GT(documented.size(), 5U);
    EXPECT_EQ(example, documented) << path;
}

INSTANTIATE_TEST_SUITE_P(Daemons, CommandLine,
                         ::testing::Values("publisher", "gateway", "fb-collector", "ttk-collector",
                                           "reporter"),
                         [](const auto& daemon) {
                             std::string name = daemon.param;
                             std::erase(name, '-');
                             return name;
                         });

}  // namespace
}  // namespace events::test
