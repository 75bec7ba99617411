#include "common/postgres/connection_string.hpp"

#include "common/config/env_reader.hpp"
#include "common/postgres/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

namespace events::postgres {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::chrono_literals;

using Options = std::map<std::string, std::string>;

ConnectionParameters parse(const std::string& text) {
    auto parsed = parse_connection_parameters(text);
    EXPECT_TRUE(parsed) << text << ": " << parsed.error();
    return parsed.value_or(ConnectionParameters{});
}

std::string error_of(const std::string& text) {
    const auto parsed = parse_connection_parameters(text);
    EXPECT_FALSE(parsed) << text;
    return parsed ? "" : parsed.error();
}

TEST(ConnectionParameters, OfAUrlAreItsPartsDecoded) {
    EXPECT_EQ(parse("postgresql://me:p%40ss@db.example:6543/ev%20ents?connect_timeout=9").options,
              (Options{{"user", "me"},
                       {"password", "p@ss"},
                       {"host", "db.example"},
                       {"port", "6543"},
                       {"dbname", "ev ents"},
                       {"connect_timeout", "9"}}));
    EXPECT_EQ(parse("postgres://db").options, (Options{{"host", "db"}}));
    EXPECT_EQ(parse("postgresql://").options, (Options{}));
    EXPECT_EQ(parse("postgresql:///events").options, (Options{{"dbname", "events"}}));
    EXPECT_EQ(parse("postgresql://me@/events").options,
              (Options{{"user", "me"}, {"dbname", "events"}}));
    EXPECT_EQ(parse("postgresql://[2001:db8::1]:5433/d").options,
              (Options{{"host", "2001:db8::1"}, {"port", "5433"}, {"dbname", "d"}}));
    EXPECT_EQ(parse("postgresql://a:1,b:2/d?target_session_attrs=primary").options,
              (Options{{"host", "a,b"},
                       {"port", "1,2"},
                       {"dbname", "d"},
                       {"target_session_attrs", "primary"}}));
    EXPECT_EQ(parse("postgresql://a,b:2/d").options,
              (Options{{"host", "a,b"}, {"port", ",2"}, {"dbname", "d"}}));
    EXPECT_EQ(parse("postgresql://%2Fvar%2Frun/d").options,
              (Options{{"host", "/var/run"}, {"dbname", "d"}}));
    EXPECT_EQ(parse("postgresql:///d?host=/var/run&user=me@corp").options,
              (Options{{"host", "/var/run"}, {"dbname", "d"}, {"user", "me@corp"}}));
    EXPECT_EQ(parse("postgresql://a/d?options=-c%20work_mem%3D7MB").options,
              (Options{{"host", "a"}, {"dbname", "d"}, {"options", "-c work_mem=7MB"}}));
}

TEST(ConnectionParameters, MayBeLibpqsKeywords) {
    EXPECT_EQ(parse(R"(dbname=events password='it\'s \\ a://b@c')").options,
              (Options{{"dbname", "events"}, {"password", R"(it's \ a://b@c)"}}));
    EXPECT_EQ(parse("host=a,b port=1,2 sslmode=verify-full").options,
              (Options{{"host", "a,b"}, {"port", "1,2"}, {"sslmode", "verify-full"}}));
    EXPECT_EQ(parse("").options, (Options{}));
}

TEST(ConnectionString, AddsDefaultsOnlyWhereTheUrlSaysNothing) {
    EXPECT_EQ(connection_string(parse("postgresql://a/d?connect_timeout=9"),
                                {{"connect_timeout", "5"}, {"keepalives", "1"}}),
              "connect_timeout='9' dbname='d' host='a' keepalives='1'");
    EXPECT_EQ(connection_string(parse("postgresql:///d?application_name=a%20b%27"), {}),
              R"(application_name='a b\'' dbname='d')");
}

// What the original's operators have in their .env: Prisma's own parameters, which libpq refuses.
TEST(ConnectionParameters, TakePrismasUrls) {
    const auto parameters = parse(
        "postgresql://app:secret@db:5432/events?schema=public&connection_limit=5&pool_timeout=10"
        "&pgbouncer=true&socket_timeout=3&statement_cache_size=0&connect_timeout=10&sslmode="
        "prefer");
    EXPECT_EQ(parameters.schema, "public");
    EXPECT_EQ(parameters.options, (Options{{"user", "app"},
                                           {"password", "secret"},
                                           {"host", "db"},
                                           {"port", "5432"},
                                           {"dbname", "events"},
                                           {"connect_timeout", "10"},
                                           {"sslmode", "prefer"}}));
    EXPECT_THAT(parameters.warnings,
                ElementsAre(HasSubstr("connection_limit has no meaning here: the reporter's"),
                            HasSubstr("pool_timeout"), HasSubstr("pgbouncer"),
                            HasSubstr("DATABASE_STATEMENT_TIMEOUT_MS"),
                            HasSubstr("statement_cache_size has no meaning here")));
}

TEST(ConnectionParameters, NeverVerifyLessThanPrismasUrlAsksFor) {
    const auto strict = parse("postgresql://db/events?sslaccept=strict");
    EXPECT_EQ(strict.options.at("sslmode"), "verify-full");
    EXPECT_THAT(strict.warnings, ElementsAre(HasSubstr("sslmode=verify-full")));
    const auto chosen = parse("postgresql://db/events?sslmode=verify-ca&sslaccept=strict");
    EXPECT_EQ(chosen.options.at("sslmode"), "verify-ca");
    const auto lax = parse("postgresql://db/events?sslaccept=accept_invalid_certs");
    EXPECT_FALSE(lax.options.contains("sslmode"));
    EXPECT_THAT(lax.warnings, SizeIs(1));
    EXPECT_EQ(parse("postgresql://db/events?ssl=true").options.at("sslmode"), "require");
    EXPECT_EQ(parse("postgresql://db/events?ssl=0").options.at("sslmode"), "disable");
}

struct Refused {
    const char* name;
    const char* url;
    const char* why;
};

class RefusedUrl : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedUrl, IsToldOfWithoutQuotingASecret) {
    EXPECT_THAT(error_of(GetParam().url),
                AllOf(HasSubstr(GetParam().why), Not(HasSubstr("hunter")), Not(HasSubstr("root"))));
}

INSTANTIATE_TEST_SUITE_P(
    Urls, RefusedUrl,
    ::testing::Values(
        Refused{"AnotherScheme", "mysql://root:hunter2@localhost/events", "neither postgresql://"},
        Refused{"UnknownParameter", "postgresql://localhost/events?speed=high", "\"speed\""},
        Refused{"UnknownKeyword", "host=localhost speed=high password=hunter2", "\"speed\""},
        Refused{"KeywordBehindAPassword", "host=a password=my hunter=2", "neither a URL"},
        Refused{"NoKeywords", "hunter2", "neither a URL"},
        Refused{"SlashInThePassword", "postgresql://root:hunter/2@localhost/events", "%2F"},
        Refused{"DigitsAndASlash", "postgresql://root:12/hunter@localhost/events", "%2F"},
        Refused{"SlashInTheUser", "postgresql://ro/ot@localhost/events", "%2F"},
        Refused{"SlashAndAParameter", "postgresql://root:12/hun?hunter=2@localhost/events",
                "a parameter of it is not known"},
        Refused{"AtAndSlash", "postgresql://root:hun@ter/2@localhost/events", "%2F"},
        Refused{"BrokenEscape", "postgresql://root:hunter%2@localhost/events", "%25"},
        Refused{"Nul", "postgresql://root:hunter%002@localhost/events", "%25"},
        Refused{"ParameterWithoutAValue", "postgresql://localhost/events?schema", "name=value"},
        Refused{"TwoDatabases", "postgresql://localhost/events/more", "host:port"},
        Refused{"PortInLetters", "postgresql://localhost:x/events", "host:port"},
        Refused{"PortTooLarge", "postgresql://localhost:70000/events", "65535"},
        Refused{"PortZero", "host=localhost port=0", "65535"},
        Refused{"BlankInAHost", "postgresql://local%20host/events", "a host of it"},
        Refused{"MorePortsThanHosts", "host=a port=1,2", "number of ports"},
        Refused{"HostaddrOfAName", "hostaddr=localhost", "hostaddr"},
        Refused{"OpenBracket", "postgresql://[::1/events", "host:port"},
        Refused{"NodePostgresMode", "postgresql://localhost/events?sslmode=no-verify", "require"},
        Refused{"NodePostgresSsl", "postgresql://localhost/events?ssl=no-verify", "require"},
        Refused{"UnknownMode", "postgresql://localhost/events?sslmode=hunter",
                "sslmode is not one"},
        Refused{"UnknownTarget", "host=a target_session_attrs=master", "read-write"},
        Refused{"UnknownTls", "host=a ssl_min_protocol_version=1.2", "TLSv1.2"},
        Refused{"TimeoutInWords", "host=a connect_timeout=soon", "connect_timeout"}),
    [](const auto& tested) { return tested.param.name; });

// libpq takes what is behind the first '@' for the host, and quotes it in its error.
TEST(ConnectionParameters, TakeAPasswordUpToTheLastAtBeforeThePath) {
    const auto parameters =
        parse("postgresql://app:p@ss:W#ord@host:5432/events?application_name=a@b");
    EXPECT_EQ(parameters.options.at("host"), "host");
    EXPECT_EQ(parameters.options.at("password"), "p@ss:W#ord");
    EXPECT_EQ(parameters.options.at("application_name"), "a@b");
}

TEST(ConnectionParameters, TakeEveryPasswordThatIsEncoded) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (unsigned code = 1; code < 256; ++code) {
        const std::string escape{'%', kDigits[code >> 4U], kDigits[code & 15U]};
        const auto options =
            parse("postgresql://a" + escape + ":p" + escape + "z@host:5432/events").options;
        EXPECT_EQ(options.at("user"), std::string{"a"} + static_cast<char>(code));
        EXPECT_EQ(options.at("password"), std::string{"p"} + static_cast<char>(code) + "z");
        EXPECT_EQ(options.at("host"), "host");
    }
}

// Whatever is in a password that nobody encoded: it is read rightly, or the reason tells nothing
// of it, and no part of it becomes a host, a port or a database, which libpq quotes.
TEST(ConnectionParameters, NeverLeakAPasswordThatNobodyEncoded) {
    constexpr std::string_view kOdd = "@@//::??##&&==%%[], '\"\\;+12";
    std::mt19937 random{20'261};
    const auto some = [&] {
        std::string text;
        for (auto count = random() % 5; count > 0; --count) text += kOdd[random() % kOdd.size()];
        return text;
    };
    for (int i = 0; i < 20'000; ++i) {
        const auto user =
            some() + "hunter" + some() + ":" + some() + "wolf" + some() + "fox" + some();
        for (const auto& url :
             {"postgresql://" + user + "@127.0.0.1:1/events?sslmode=disable",
              "host=127.0.0.1 user=app password=" + user.substr(user.find(':') + 1) + " port=1"}) {
            const auto parsed = parse_connection_parameters(url);
            for (const auto* word : {"hunter", "wolf", "fox"}) {
                if (!parsed) {
                    ASSERT_THAT(parsed.error(), Not(HasSubstr(word))) << url;
                    continue;
                }
                ASSERT_THAT(parsed->warnings, IsEmpty()) << url;
                for (const auto* quoted : {"host", "port", "dbname", "sslmode"}) {
                    const auto option = parsed->options.find(quoted);
                    if (option == parsed->options.end()) continue;
                    ASSERT_THAT(option->second, Not(HasSubstr(word))) << url;
                }
            }
        }
    }
}

TEST(WithoutUser, HidesTheUrlsUserInAMessage) {
    const auto parameters = parse("postgresql://ann:pw@host/ann");
    EXPECT_EQ(without_user(R"(password authentication failed for user "ann")", parameters),
              R"(password authentication failed for user "***")");
    EXPECT_EQ(without_user(R"(role "ann" is not "ann"; role "ann")", parameters),
              R"(role "***" is not "ann"; role "***")");
    EXPECT_EQ(without_user(R"(role "ann")", {}), R"(role "ann")");
}

TEST(PostgresOptions, HaveDefaultsThatServe) {
    const config::Environment environment{{}};
    config::EnvReader read{environment};
    const auto options = read_options(read, "reporter");
    EXPECT_EQ(options.url.reveal(), "postgresql://postgres@127.0.0.1:5432/events");
    EXPECT_EQ(options.application_name, "reporter");
    EXPECT_EQ(options.schema, "events");
    EXPECT_EQ(options.statement_timeout, 30s);
    EXPECT_THAT(read.problems(), IsEmpty());
    EXPECT_THAT(read.warnings(), IsEmpty());
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

TEST(PostgresOptions, TakeTheNamesThatASchemaCanHave) {
    const auto problems_of = [](const std::string& name) {
        const config::Environment environment{{{"DATABASE_SCHEMA", name}}};
        config::EnvReader read{environment};
        const auto options = read_options(read, "reporter");
        EXPECT_EQ(options.schema, name);
        return read.problems();
    };
    for (const std::string& name : {std::string{"public"}, std::string{"Our Events"},
                                    std::string{"pg"}, std::string(63, 'x')}) {
        EXPECT_THAT(problems_of(name), IsEmpty()) << name;
    }
    for (const std::string& name :
         {std::string{"pg_events"}, std::string{"information_schema"}, std::string(64, 'x')}) {
        EXPECT_THAT(problems_of(name), ElementsAre(HasSubstr("DATABASE_SCHEMA"))) << name;
    }
}

TEST(PostgresOptions, WarnOfWhatHasNoMeaningAndWantTheAuthoritysFile) {
    const config::Environment environment{
        {{"DATABASE_URL",
          "postgresql://db/d?connection_limit=5&sslmode=verify-full&sslrootcert=/nowhere/ca.pem"}}};
    config::EnvReader read{environment};
    (void)read_options(read, "reporter");
    EXPECT_THAT(read.warnings(),
                ElementsAre(HasSubstr("DATABASE_URL: its parameter connection_limit")));
    EXPECT_THAT(read.problems(), ElementsAre(HasSubstr("sslrootcert")));
}

}  // namespace
}  // namespace events::postgres
