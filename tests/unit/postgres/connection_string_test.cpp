#include "common/postgres/connection_string.hpp"

#include "common/config/env_reader.hpp"
#include "common/postgres/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace events::postgres {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;
using namespace std::chrono_literals;

TEST(ConnectionString, AddsDefaultsOnlyWhereTheUrlSaysNothing) {
    EXPECT_THAT(connection_string("postgresql://me@db.example:6543/events?connect_timeout=9",
                                  {{"connect_timeout", "5"}, {"keepalives", "1"}}),
                Optional(AllOf(HasSubstr("host='db.example'"), HasSubstr("port='6543'"),
                               HasSubstr("user='me'"), HasSubstr("dbname='events'"),
                               HasSubstr("connect_timeout='9'"), HasSubstr("keepalives='1'"),
                               Not(HasSubstr("connect_timeout='5'")))));
}

TEST(ConnectionString, TakesTheKeywordFormAndQuotesWhatNeedsIt) {
    EXPECT_EQ(connection_string(R"(dbname=events password='it\'s \\ here')", {}),
              R"(dbname='events' password='it\'s \\ here')");
    EXPECT_EQ(connection_string("postgresql:///events?application_name=a%20b%27", {}),
              R"(application_name='a b\'' dbname='events')");
}

TEST(ConnectionString, TakesSeveralHosts) {
    EXPECT_THAT(connection_string("postgresql://a:1,b:2/events?target_session_attrs=primary", {}),
                Optional(AllOf(HasSubstr("host='a,b'"), HasSubstr("port='1,2'"),
                               HasSubstr("target_session_attrs='primary'"))));
}

struct BadUrl {
    const char* name;
    const char* url;
};

class ConnectionStringRefuses : public ::testing::TestWithParam<BadUrl> {};

TEST_P(ConnectionStringRefuses, WhatLibpqCanNotRead) {
    EXPECT_EQ(connection_string(GetParam().url, {}), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ConnectionStringRefuses,
    ::testing::Values(BadUrl{"AnotherScheme", "mysql://root:hunter2@localhost/events"},
                      BadUrl{"UnknownParameter", "postgresql://localhost/events?speed=high"},
                      BadUrl{"SlashInThePassword", "postgresql://me:hunter/2@localhost/events"},
                      BadUrl{"BrokenEscape", "postgresql://me:hunter%2@localhost/events"}),
    [](const auto& tested) { return tested.param.name; });

TEST(PostgresOptions, HaveDefaultsThatServe) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto options = read_options(read, "reporter");
    EXPECT_EQ(options.url.reveal(), "postgresql://postgres@127.0.0.1:5432/events");
    EXPECT_EQ(options.application_name, "reporter");
    EXPECT_EQ(options.statement_timeout, 30s);
    EXPECT_THAT(read.problems(), IsEmpty());
}

TEST(PostgresOptions, RefuseABadUrlWithoutQuotingIt) {
    const config::Environment environment{{{"DATABASE_URL", "mysql://root:hunter2@localhost/db"},
                                           {"DATABASE_STATEMENT_TIMEOUT_MS", "5"}}};
    config::EnvReader read{environment};
    (void)read_options(read, "reporter");
    EXPECT_THAT(read.problems(),
                ElementsAre(HasSubstr("DATABASE_STATEMENT_TIMEOUT_MS"),
                            AllOf(HasSubstr("DATABASE_URL"), Not(HasSubstr("hunter2")))));
}

}  // namespace
}  // namespace events::postgres
