#include "common/nats/server_list.hpp"

#include "common/config/env_reader.hpp"
#include "common/nats/connection.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace events::nats {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServerList, AddsTheSchemeAndDropsTheSpaces) {
    EXPECT_THAT(*parse_server_list(" nats://a:4222, b ,user:p%40ss@[::1]:4333"),
                ElementsAre("nats://a:4222", "nats://b", R"(nats://user:p\u0040ss@[::1]:4333)"));
}

// cnats 3.4 sends "p%40ss" as it is, and an '@' or a '"' in a password broke its address or its
// CONNECT. What it cuts, decodes or quotes is JSON's escape now.
TEST(ServerList, GivesCnatsUsersThatItTakesAsTheyAre) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (unsigned code = 1; code < 256; ++code) {
        const std::string password{'a', static_cast<char>(code), 'z'};
        const std::string escape{'%', kDigits[code >> 4U], kDigits[code & 15U]};
        for (const auto& front : {"a" + escape + "z:b", "ann:a" + escape + "z"}) {
            const auto servers = parse_server_list("nats://" + front + "@host:4222");
            ASSERT_TRUE(servers) << servers.error();
            const std::string_view server{servers->at(0)};
            const auto at = server.rfind('@');
            ASSERT_NE(at, std::string::npos);
            EXPECT_EQ(server.substr(at), "@host:4222");
            const auto user = server.substr(7, at - 7);
            EXPECT_EQ(user.find_first_of("@%/?#"), std::string::npos) << user;
            EXPECT_EQ(std::ranges::count(user, ':'), 1) << user;
            if (code >= 0x80) continue;  // a byte of UTF-8 stays as it is
            const auto object = "{\"user\":\"" + std::string{user} + "\"}";
            const auto decoded = nlohmann::json::parse(object).at("user").get<std::string>();
            EXPECT_NE(decoded.find(password), std::string::npos) << object;
        }
    }
    EXPECT_THAT(*parse_server_list("tls://p%2Css@host"), ElementsAre("tls://p,ss@host"));
    EXPECT_THAT(*parse_server_list("\xD0\xBF%D1%80@host"),
                ElementsAre("nats://\xD0\xBF\xD1\x80@host"));
}

// An '@' that nobody escaped is of the password: no host has one.
TEST(ServerList, TakesThePasswordUpToTheLastAt) {
    EXPECT_THAT(*parse_server_list("nats://ann:p@s/s@host:4222"),
                ElementsAre(R"(nats://ann:p\u0040s\u002fs@host:4222)"));
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
                      BadList{"SpaceInside", "nats://user:secret@a b"},
                      BadList{"BrokenEscape", "nats://user:secret%4@a"},
                      BadList{"Nul", "nats://user:secret%00@a"},
                      BadList{"PasswordWithoutAUser", "nats://:secret@a"},
                      BadList{"CommaInAPassword", "nats://user:secret,secret@a"},
                      BadList{"Wildcard", "nats://*:4222"}, BadList{"Path", "nats://a/secret"},
                      BadList{"Query", "nats://a?x=secret"}),
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
