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
#include <utility>

namespace events::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

/// What --help says of each variable: its default.
std::map<std::string, std::string> documented_variables(const std::string& program) {
    std::map<std::string, std::string> documented;
    std::istringstream help{run_daemon(program, {"--help"}).output};
    for (std::string line; std::getline(help, line);) {
        std::smatch match;
        static const std::regex kVariable{R"(^  ([A-Z][A-Z0-9_]*) \[(.*)\]$)"};
        if (std::regex_match(line, match, kVariable)) documented[match[1]] = match[2];
    }
    return documented;
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

// These were called complete; the daemon then ended at its start, or never connected.
TEST_P(CommandLine, ChecksWhatWouldFailLater) {
    for (const auto* host : {"[::]", "0.0.0.0:3001", "256.0.0.1", "192.0.2.1"}) {
        const auto [code, output] = run_daemon(GetParam(), {"--check-config"}, {{"HOST", host}});
        EXPECT_EQ(code, 78) << host;
        EXPECT_THAT(output, HasSubstr("HOST: ")) << host;
    }
    const std::string daemon = GetParam();
    if (daemon == "gateway" || daemon.ends_with("collector")) {
        for (const auto* days : {"0", "-1", "30d", "1.5"}) {
            const auto [code, output] =
                run_daemon(daemon, {"--check-config"}, {{"RETENTION_DAYS", days}});
            EXPECT_EQ(code, 78) << days;
            EXPECT_THAT(output, HasSubstr("is not a whole number of days")) << days;
        }
        EXPECT_EQ(run_daemon(daemon, {"--check-config"}, {{"RETENTION_DAYS", "30"}}).code, 0);
    }
    if (daemon == "gateway") {
        for (const auto& [name, value] : {std::pair{"API_KEYS", "\"0123456789abcdef\""},
                                          {"API_KEYS", "0123456789abcdef;fedcba9876543210"},
                                          {"SPOOL_DIR", "/dev/null/spool"},
                                          {"NATS_URL", "nats://*:4222"}}) {
            EXPECT_EQ(run_daemon(daemon, {"--check-config"}, {{name, value}}).code, 78) << value;
        }
    }
    if (daemon == "reporter") {
        const auto url = std::string{"postgresql://db/events?"};
        for (const auto* parameter : {"sslmode=no-verify", "speed=1", "connect_timeout=soon"}) {
            EXPECT_EQ(
                run_daemon(daemon, {"--check-config"}, {{"DATABASE_URL", url + parameter}}).code,
                78)
                << parameter;
        }
        const auto [code, output] = run_daemon(
            daemon, {"--check-config"},
            {{"DATABASE_URL", " " + url + "schema=public&connection_limit=5&pgbouncer=true\r\n"},
             {"HTTP_MAX_UNSENT_BYTES", "1Gi"},
             {"LOG_LEVEL", "INFO"},
             {"REPORT_TIMEOUT_MS", "30s"}});
        EXPECT_EQ(code, 0) << output;
        EXPECT_THAT(output, HasSubstr("reporter: warning: DATABASE_URL: its parameter pgbouncer"));
    }
}

TEST_P(CommandLine, WarnsOfWhatProtectsNothing) {
    const std::string daemon = GetParam();
    const auto warnings = [&](std::map<std::string, std::string> environment) {
        const auto [code, output] = run_daemon(daemon, {"--check-config"}, std::move(environment));
        EXPECT_EQ(code, 0) << output;
        return output;
    };
    EXPECT_THAT(warnings({{"LOGLEVEL", "info"}}),
                HasSubstr("warning: LOGLEVEL: this variable is not read; LOG_LEVEL may be meant"));
    const std::map<std::string, std::pair<std::string, std::string>> variables{
        {"gateway", {"API_KEYS", "may post events"}},
        {"reporter", {"REPORT_TOKENS", "may read reports"}}};
    if (!variables.contains(daemon)) {
        EXPECT_THAT(warnings({}), Not(HasSubstr("whoever")));
        return;
    }
    const auto& [variable, what] = variables.at(daemon);
    const auto key = std::string(32, 'k');
    EXPECT_THAT(warnings({{"PORT", "4000"}}),
                HasSubstr("warning: " + variable +
                          ": it is not set: whoever reaches 0.0.0.0:4000 " + what));
    EXPECT_THAT(warnings({{"HOST", "127.0.0.1"}}), Not(HasSubstr("warning")));
    EXPECT_THAT(warnings({{variable, key}}), Not(HasSubstr("warning")));
    EXPECT_THAT(warnings({{variable.substr(0, variable.size() - 1), key}}),
                AllOf(HasSubstr("this variable is not read; " + variable + " may be meant"),
                      HasSubstr("whoever reaches")));
}

// All daemons may have one file of variables.
TEST_P(CommandLine, TakesNoVariableOfAnotherProgramForAMisspelling) {
    const auto own = documented_variables(GetParam());
    std::map<std::string, std::string> others;
    for (const auto* program : {"publisher", "gateway", "fb-collector", "ttk-collector", "reporter",
                                "events-dlq", "events-erase", "events-verify"}) {
        for (const auto& [name, fallback] : documented_variables(program)) {
            if (!own.contains(name)) others.emplace(name, "set");
        }
    }
    EXPECT_GT(others.size(), 20U);
    const auto [code, output] = run_daemon(GetParam(), {"--check-config"}, others);
    EXPECT_EQ(code, 0) << output;
    EXPECT_THAT(output, Not(HasSubstr("this variable is not read")));
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
    const auto documented = documented_variables(daemon);
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
