#include "common/config/env_reader.hpp"
#include "common/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace events::http {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST(ServerOptions, HaveDefaultsAndTheDaemonsOwnPort) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto options = read_server_options(read, 3004);
    EXPECT_EQ(options.port, 3004);
    EXPECT_EQ(options.host, "0.0.0.0");
    EXPECT_EQ(options.header_timeout, 10s);
    EXPECT_EQ(options.max_connections, 4'096U);
    EXPECT_EQ(options.max_header_bytes, 8'192U);
    EXPECT_EQ(options.max_unsent_bytes, 268'435'456U);
    EXPECT_THAT(read.problems(), IsEmpty());
    for (const auto& variable : read.variables()) {
        EXPECT_THAT(variable.description, ::testing::Not(IsEmpty())) << variable.name;
    }
}

TEST(ServerOptions, FollowTheEnvironment) {
    const config::Environment environment{{{"HOST", "127.0.0.1"},
                                           {"PORT", "8080"},
                                           {"HTTP_HEADER_TIMEOUT_MS", "1000"},
                                           {"HTTP_BODY_TIMEOUT_MS", "2000"},
                                           {"HTTP_IDLE_TIMEOUT_MS", "3000"},
                                           {"HTTP_WRITE_TIMEOUT_MS", "4000"},
                                           {"HTTP_MAX_CONNECTIONS", "7"},
                                           {"HTTP_MAX_HEADER_BYTES", "16KiB"},
                                           {"HTTP_MAX_UNSENT_BYTES", "1MiB"}}};
    config::EnvReader read{environment};
    const auto options = read_server_options(read, 3004);
    EXPECT_THAT(read.problems(), IsEmpty());
    EXPECT_EQ(options.host, "127.0.0.1");
    EXPECT_EQ(options.port, 8080);
    EXPECT_EQ(options.header_timeout, 1s);
    EXPECT_EQ(options.body_timeout, 2s);
    EXPECT_EQ(options.idle_timeout, 3s);
    EXPECT_EQ(options.write_timeout, 4s);
    EXPECT_EQ(options.max_connections, 7U);
    EXPECT_EQ(options.max_header_bytes, 16'384U);
    EXPECT_EQ(options.max_unsent_bytes, 1'048'576U);
}

TEST(ServerOptions, ReportWhatIsOutOfRange) {
    const config::Environment environment{
        {{"HTTP_MAX_CONNECTIONS", "0"}, {"HTTP_MAX_HEADER_BYTES", "10"}}};
    config::EnvReader read{environment};
    static_cast<void>(read_server_options(read, 3004));
    EXPECT_EQ(read.problems().size(), 2U);
}

std::vector<std::string> problems_with_host(const char* host) {
    const config::Environment environment{{{"HOST", host}}};
    config::EnvReader read{environment};
    static_cast<void>(read_server_options(read, 3004));
    return read.problems();
}

// They were called complete, and ended the daemon at its start.
TEST(ServerOptions, RefuseAHostThatNobodyCanListenOn) {
    for (const auto* host :
         {"[::]", "[::1]:3001", "0.0.0.0:3001", "localhost:3001", "http://0.0.0.0", "*",
          "256.0.0.1", "1.2.3.4.5", "10.0.0.0/8", "two words", "\"0.0.0.0\"", ":::", "b\xC3\xBC"}) {
        EXPECT_THAT(problems_with_host(host), ::testing::SizeIs(1)) << host;
    }
    for (const auto* host : {"0.0.0.0", "::", "::1", "127.0.0.1", "localhost", "gateway-0.gateway",
                             "under_score", "127.1", " :: \n"}) {
        EXPECT_THAT(problems_with_host(host), IsEmpty()) << host;
    }
}

TEST(ListeningProblem, TellsOfWhatThisMachineDoesNotHave) {
    ServerOptions options;
    for (const auto* host : {"0.0.0.0", "127.0.0.1", "localhost"}) {
        options.host = host;
        EXPECT_EQ(listening_problem(options), "") << host;
    }
    options.host = "192.0.2.1";  // of documentations
    EXPECT_NE(listening_problem(options), "");
}

}  // namespace
}  // namespace events::http
