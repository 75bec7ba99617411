#include "common/nats/server_list.hpp"

#include "common/config/env_reader.hpp"
#include "common/nats/connection.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace events::nats {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServerList, AddsTheSchemeAndDropsTheSpaces) {
    EXPECT_THAT(*parse_server_list(" nats://a:4222, b ,user:p%40ss@[::1]:4333"),
                ElementsAre("nats://a:4222", "nats://b", "nats://user:p%40ss@[::1]:4333"));
}

TEST(ServerList, KnowsWhichAsksForTls) {
    const auto mixed = parse_server_list("nats://a,tls://user:p@b:4333");
    EXPECT_THAT(*mixed, ElementsAre("nats://a", "tls://user:p@b:4333"));
    EXPECT_TRUE(asks_for_tls(*mixed));
    EXPECT_FALSE(asks_for_tls(*parse_server_list("nats://a,tls")));
}

struct BadList {
    std::string name;
    std::string text;

    friend std::ostream& operator<<(std::ostream& out, const BadList& c) { return out << c.text; }
};

class BadServerList : public ::testing::TestWithParam<BadList> {};

TEST_P(BadServerList, IsRefusedWithoutQuotingIt) {
    const auto servers = parse_server_list(GetParam().text);
    ASSERT_FALSE(servers);
    EXPECT_THAT(servers.error(), Not(HasSubstr("secret")));
}

INSTANTIATE_TEST_SUITE_P(
    Text, BadServerList,
    ::testing::Values(BadList{"Empty", ""}, BadList{"OnlyACommaInIt", "nats://a,,nats://b"},
                      BadList{"OtherScheme", "http://user:secret@a:4222"},
                      BadList{"PortTooLarge", "nats://user:secret@a:65536"},
                      BadList{"PortZero", "nats://a:0"}, BadList{"PortNotANumber", "nats://a:x"},
                      BadList{"NoHost", "nats://user:secret@:4222"},
                      BadList{"SpaceInside", "nats://us er:secret@a"},
                      BadList{"Path", "nats://a/secret"}, BadList{"Query", "nats://a?x=secret"}),
    [](const auto& test) { return test.param.name; });

TEST(ServerList, ShowsNoCredentials) {
    EXPECT_EQ(without_credentials("nats://user:secret@host:4222"), "nats://host:4222");
    EXPECT_EQ(without_credentials("nats://token@host"), "nats://host");
    EXPECT_EQ(without_credentials("nats://host:4222"), "nats://host:4222");
    EXPECT_EQ(without_credentials("user:secret@host:4222"), "host:4222");
}

TEST(ConnectionOptions, ReportABadUrlWithoutItsPassword) {
    const config::Environment environment{{{"NATS_URL", "http://user:secret@host"}}};
    config::EnvReader read{environment};
    static_cast<void>(read_connection_options(read, "test"));
    ASSERT_EQ(read.problems().size(), 1U);
    EXPECT_THAT(read.problems().front(), HasSubstr("NATS_URL"));
    EXPECT_THAT(read.problems().front(), Not(HasSubstr("secret")));
}

TEST(ConnectionOptions, DefaultToTheBrokerOnThisMachine) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    EXPECT_EQ(read_connection_options(read, "test").url.reveal(), "nats://127.0.0.1:4222");
    EXPECT_TRUE(read.problems().empty());
}

TEST(ConnectionOptions, ReportFilesThatAreMissingOrDoNotFit) {
    const events::test::TemporaryDirectory folder;
    const auto file = (folder.path() / "some.file").string();
    std::ofstream{file} << "no seed";
    const auto problems = [](std::map<std::string, std::string, std::less<>> variables) {
        const config::Environment environment{std::move(variables)};
        config::EnvReader read{environment};
        static_cast<void>(read_connection_options(read, "test"));
        return read.problems();
    };
    EXPECT_THAT(problems({{"NATS_TLS_CA_FILE", file}, {"NATS_CREDS_FILE", file}}),
                ::testing::IsEmpty());
    EXPECT_THAT(problems({{"NATS_TLS_CA_FILE", "/nowhere/at/all"}}),
                ElementsAre(HasSubstr("a file that can be read")));
    EXPECT_THAT(problems({{"NATS_TLS_KEY_FILE", file}}), ElementsAre(HasSubstr("NATS_TLS_CERT")));
    EXPECT_THAT(problems({{"NATS_TLS_CERT_FILE", file}}), ElementsAre(HasSubstr("NATS_TLS_KEY")));
    EXPECT_THAT(problems({{"NATS_NKEY_SEED_FILE", file}}),
                ElementsAre(HasSubstr("seed of a user")));
    EXPECT_THAT(problems({{"NATS_NKEY_SEED_FILE", file}, {"NATS_CREDS_FILE", file}}),
                ::testing::Contains(HasSubstr("NATS_CREDS_FILE")));
}

}  // namespace
}  // namespace events::nats
