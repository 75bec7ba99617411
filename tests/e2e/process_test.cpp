// The daemons as processes: signals, descriptors, and that no output holds a secret.
#include "stack.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace events::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Nobody listens there.
constexpr const char* kNoBroker = "nats://127.0.0.1:1";
constexpr const char* kNoDatabase = "postgresql://127.0.0.1:1/events";
constexpr const char* kNoGateway = "http://127.0.0.1:1/events";

std::string test_name(std::string name) {
    std::erase(name, '-');
    return name;
}

/// One daemon without broker, database and gateway, which it goes on asking for.
class Daemon : public ::testing::TestWithParam<const char*> {
  protected:
    [[nodiscard]] std::string program() const { return (bin_directory() / GetParam()).string(); }
    [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "log"; }
    [[nodiscard]] std::filesystem::path spool() const { return folder_.path() / "spool"; }

    [[nodiscard]] Variables environment(Variables variables = {}) const {
        variables.insert({{"HOST", "127.0.0.1"},
                          {"PORT", std::to_string(port_)},
                          {"NATS_URL", kNoBroker},
                          {"DATABASE_URL", kNoDatabase},
                          {"EVENT_ENDPOINT", kNoGateway},
                          {"SPOOL_DIR", spool().string()}});
        return variables;
    }

    /// Starts it by `command`, and waits until it listens.
    [[nodiscard]] Process start(std::vector<std::string> command, Variables variables = {}) {
        Process process{{.command = std::move(command),
                         .environment = environment(std::move(variables)),
                         .output = log(),
                         .user = {}}};
        EXPECT_TRUE(await([&] { return !process.running() || accepts_connections(port_); }));
        EXPECT_TRUE(process.running()) << read_file(log());
        return process;
    }
    [[nodiscard]] Process start_by_shell(const std::string& script) {
        return start({"sh", "-c", script, program()});
    }
    /// Waits until the shutdown has begun.
    [[nodiscard]] bool is_stopping() const {
        return await([&] { return read_file(log()).find("shutting down") != std::string::npos; });
    }

    TemporaryDirectory folder_;
    std::uint16_t port_ = free_port();
};

class Signals : public Daemon {};

// SIGHUP and SIGQUIT ended it at once, without a line.
TEST_P(Signals, ThatEndAProgramDrainIt) {
    for (const auto& [number, name] : {std::pair{SIGTERM, "SIGTERM"},
                                       {SIGINT, "SIGINT"},
                                       {SIGHUP, "SIGHUP"},
                                       {SIGQUIT, "SIGQUIT"}}) {
        std::filesystem::remove(log());
        auto process = start({program()});
        const auto status = process.stop(number, kPatience);
        ASSERT_TRUE(status) << name;
        EXPECT_EQ(status->signal, 0) << name;
        EXPECT_EQ(status->code, 0) << name;
        EXPECT_THAT(read_file(log()), AllOf(HasSubstr(name), HasSubstr("\"stopped\""))) << name;
    }
}

TEST_P(Signals, OfUsersAreIgnored) {
    auto process = start({program()});
    process.signal(SIGUSR1);
    process.signal(SIGUSR2);
    process.signal(SIGXFSZ);
    http::Client client{"127.0.0.1", port_};
    EXPECT_TRUE(client.send({.method = "GET", .target = "/liveness"}, kPatience));
    const auto status = process.stop(SIGTERM, kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0);
    EXPECT_THAT(read_file(log()), AllOf(HasSubstr("SIGTERM"), Not(HasSubstr("request"))));
}

// Behind nohup the end of a terminal is not the end of its programs.
TEST_P(Signals, OfATerminalAreIgnoredUnderNohup) {
    auto process = start_by_shell("trap '' HUP; exec \"$0\"");
    process.signal(SIGHUP);
    const auto status = process.stop(SIGTERM, kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0);
    EXPECT_THAT(read_file(log()), AllOf(HasSubstr("SIGTERM"), Not(HasSubstr("SIGHUP"))));
}

INSTANTIATE_TEST_SUITE_P(Daemons, Signals,
                         ::testing::Values("publisher", "gateway", "fb-collector", "ttk-collector",
                                           "reporter"),
                         [](const auto& daemon) { return test_name(daemon.param); });

class Descriptors : public Daemon {
  protected:
    [[nodiscard]] static std::filesystem::path target(const Process& process, int number) {
        std::error_code error;
        return std::filesystem::read_symlink(
            "/proc/" + std::to_string(process.pid()) + "/fd/" + std::to_string(number), error);
    }
};

// `gateway >&-` wrote its log into the file that locks the spool, which had got the number 1.
TEST_P(Descriptors, ThatAreClosedAtTheStartAreOpenedOnNothing) {
    auto process = start_by_shell("exec \"$0\" <&- >&- 2>&-");
    for (const int number : {0, 1, 2}) EXPECT_EQ(target(process, number), "/dev/null") << number;
    const auto status = process.stop(SIGTERM, kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0);
    EXPECT_EQ(read_file(log()), "");
    if (!std::filesystem::exists(spool())) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{spool()}) {
        if (entry.is_regular_file()) {
            EXPECT_THAT(read_file(entry.path()), Not(HasSubstr("\"msg\""))) << entry.path();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Daemons, Descriptors,
                         ::testing::Values("publisher", "gateway", "fb-collector", "ttk-collector",
                                           "reporter"),
                         [](const auto& daemon) { return test_name(daemon.param); });

/// What a shell's script says and ends with.
std::pair<int, std::string> outcome_of(const std::string& script, const std::string& program,
                                       Variables environment) {
    const TemporaryDirectory folder;
    const auto output = folder.path() / "output";
    const auto status = run({.command = {"sh", "-c", script, program},
                             .environment = std::move(environment),
                             .output = output,
                             .user = {}});
    return {status.code, read_file(output)};
}

// A list that went nowhere was told as done, or went into the connection to the broker.
TEST(DescriptorsOfDlq, ThatAreClosedFailAsTheyWould) {
    const NatsServer nats;
    const auto tool = (bin_directory() / "events-dlq").string();
    const auto [code, output] =
        outcome_of("exec \"$0\" list >&-", tool, {{"NATS_URL", nats.url()}});
    EXPECT_NE(code, 0) << output;
}

class Secrets : public Daemon {
  protected:
    /// Users and passwords that nobody encoded, or put into the wrong place: no output may show
    /// "hunter" or "wolf".
    static std::vector<Variables> leaks() {
        std::vector<Variables> leaks{
            {{"DATABASE_URL_FILE", "postgresql://app:hunterwolf@127.0.0.1:1/events"},
             {"DATABASE_URL", ""},
             {"NATS_URL_FILE", "hunterwolf@127.0.0.1:1"},
             {"NATS_URL", ""},
             {"LOG_LEVEL", "nats://hunter:wolf@127.0.0.1"}}};
        for (const std::string odd :
             {"",  "@",  "/",  "?", "#", ":", ",",  "%",  "%4", "=",   "&", " ",
              "'", "\"", "\\", ";", "[", "]", "@/", "@?", "1/", ":1/", "@@"}) {
            const auto secret = "hunter" + odd + "wolf";
            const auto user = "app:" + secret;
            leaks.push_back({{"DATABASE_URL", "postgresql://" + user + "@127.0.0.1:1/events"},
                             {"NATS_URL", "nats://" + user + "@127.0.0.1:1"},
                             {"EVENT_ENDPOINT", "http://" + user + "@127.0.0.1:1/events"},
                             {"HOST", "postgresql://" + user + "@127.0.0.1:1/events"}});
            leaks.push_back({{"DATABASE_URL", "host=127.0.0.1 port=1 password=" + secret},
                             {"NATS_URL", "nats://" + secret + "@127.0.0.1:1"},
                             {"EVENT_ENDPOINT", "http:" + secret + "@127.0.0.1:1"}});
        }
        return leaks;
    }
};

TEST_P(Secrets, AreInNoOutputOfACheck) {
    const auto is_clean = AllOf(Not(HasSubstr("hunter")), Not(HasSubstr("wolf")));
    for (const auto& variables : leaks()) {
        const auto output =
            outcome_of("exec \"$0\" --check-config", program(), environment(variables)).second;
        EXPECT_THAT(output, is_clean) << ::testing::PrintToString(variables);
    }
    const auto output =
        outcome_of("exec \"$0\" postgresql://app:hunter@wolf/events", program(), {}).second;
    EXPECT_THAT(output, AllOf(HasSubstr("***"), is_clean));
}

// libpq put what was behind the first '@' into its error, as the host that it did not find.
TEST_P(Secrets, AreInNoLogOfADaemon) {
    auto process =
        start({program()}, {{"DATABASE_URL", "postgresql://hunter:hun@wolf@127.0.0.1:1/events"},
                            {"NATS_URL", "nats://hunter:hun@wolf@127.0.0.1:1"},
                            {"LOG_LEVEL", "trace"}});
    EXPECT_TRUE(await([&] { return read_file(log()).find("\"err\"") != std::string::npos; }));
    const auto status = process.stop(SIGTERM, kPatience);
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0);
    EXPECT_THAT(read_file(log()), AllOf(Not(HasSubstr("hunter")), Not(HasSubstr("wolf"))));
}

INSTANTIATE_TEST_SUITE_P(Daemons, Secrets,
                         ::testing::Values("publisher", "gateway", "fb-collector", "ttk-collector",
                                           "reporter"),
                         [](const auto& daemon) { return test_name(daemon.param); });

}  // namespace
}  // namespace events::test
