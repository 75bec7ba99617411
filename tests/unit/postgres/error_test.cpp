#include "common/postgres/error.hpp"

#include <gtest/gtest.h>

namespace events::postgres {
namespace {

struct ErrorCase {
    const char* name;
    ServerError error;
    const char* told;
};

class DescribedError : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(DescribedError, SaysWhatTheServerSaidButNoValue) {
    EXPECT_EQ(describe(GetParam().error), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(
    Postgres, DescribedError,
    ::testing::Values(
        ErrorCase{"NotNull",
                  {.sqlstate = "23502",
                   .message = R"(null value in column "tenant" of relation "t_p20260301" violates )"
                              "not-null constraint",
                   .table = "t_p20260301",
                   .column = "tenant"},
                  R"(null value in column "tenant" of relation "t_p20260301" violates not-null )"
                  "constraint (SQLSTATE 23502, table t_p20260301, column tenant)"},
        ErrorCase{"Constraint",
                  {.sqlstate = "23514",
                   .message = "new row violates check constraint \"c\"",
                   .constraint = "c"},
                  "new row violates check constraint \"c\" (SQLSTATE 23514, constraint c)"},
        ErrorCase{"BadInteger",
                  {.sqlstate = "22P02",
                   .message = "invalid input syntax for type integer: \"Ada \"L\" Lovelace\""},
                  "invalid input syntax for type integer*** (SQLSTATE 22P02)"},
        ErrorCase{"OutOfRange",
                  {.sqlstate = "22003", .message = "value \"99999\" is out of range"},
                  "value *** (SQLSTATE 22003)"},
        ErrorCase{"Bytes",
                  {.sqlstate = "22021",
                   .message = "invalid byte sequence for encoding \"UTF8\": "
                              "0xff"},
                  "invalid byte sequence for encoding *** (SQLSTATE 22021)"},
        ErrorCase{
            "AnotherLanguage",
            {.sqlstate = "22P02", .message = "ungültige Eingabesyntax für Typ integer: »Berlin«"},
            "ung*** (SQLSTATE 22P02)"},
        ErrorCase{"DynamicSql",
                  {.sqlstate = "42601", .message = "syntax error at or near \"Berlin\""},
                  "syntax error at or near *** (SQLSTATE 42601)"},
        ErrorCase{"Raised",
                  {.sqlstate = "P0001",
                   .message = "no one of 36 for 12.50 at 2026-03-01 09:59:59.5+00",
                   .raised = true},
                  "no one of *** for *** at *** *** (SQLSTATE P0001)"},
        ErrorCase{"NotOfTheServer", {.message = "Connection refused"}, "Connection refused"}),
    [](const auto& tested) { return tested.param.name; });

struct HiddenCase {
    const char* name;
    const char* text;
    const char* value;
    const char* left;
};

class HiddenValue : public ::testing::TestWithParam<HiddenCase> {};

TEST_P(HiddenValue, IsTakenOutWhereItStandsAsAWord) {
    std::string text = GetParam().text;
    hide_value(text, GetParam().value);
    EXPECT_EQ(text, GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(
    Values, HiddenValue,
    ::testing::Values(HiddenCase{"Alone", "bad city Berlin", "Berlin", "bad city ***"},
                      HiddenCase{"Twice", "Berlin, Berlin!", "Berlin", "***, ***!"},
                      HiddenCase{"OfAnotherCase", "relation \"events_berlin\"", "Berlin",
                                 "relation \"events_***\""},
                      HiddenCase{"PartOfAWord", "Berliner", "Berlin", "Berliner"},
                      HiddenCase{"OneLetter", "a row of b", "a", "*** row of b"},
                      HiddenCase{"OfSeveralWords", "for Ada Lovelace", "Ada Lovelace", "for ***"},
                      HiddenCase{"Marks", "at ada@example.org", "ada@example.org", "at ***"},
                      HiddenCase{"OutsideAscii", "in 東京 now", "東京", "in *** now"},
                      HiddenCase{"Empty", "as it is", "", "as it is"}),
    [](const auto& tested) { return tested.param.name; });

TEST(HiddenWords, AreThoseOfFourLettersOrMore) {
    std::string text = "no Ada and no lovelace";
    hide_words(text, "Ada Lovelace");
    EXPECT_EQ(text, "no Ada and no ***");
}

struct LoginCase {
    const char* name;
    const char* text;
    const char* sqlstate;
    const char* message;
    Cause cause;
};

class LoginError : public ::testing::TestWithParam<LoginCase> {};

TEST_P(LoginError, IsReadFromWhatLibpqWrites) {
    const auto error = read_login_error(GetParam().text);
    EXPECT_EQ(error.sqlstate, GetParam().sqlstate);
    EXPECT_EQ(error.message, GetParam().message);
    EXPECT_EQ(cause_of_login_error(error), GetParam().cause);
}

INSTANTIATE_TEST_SUITE_P(
    Libpq, LoginError,
    ::testing::Values(
        LoginCase{
            "Password",
            "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password "
            "authentication failed for user \"app\"\nLOCATION:  auth_failed, auth.c:334\n",
            "28P01", "password authentication failed for user \"app\"", Cause::login},
        LoginCase{"NoPassword",
                  "connection to server at \"h\", port 5432 failed: fe_sendauth: no password "
                  "supplied\n",
                  "",
                  "connection to server at \"h\", port 5432 failed: fe_sendauth: no password "
                  "supplied",
                  Cause::login},
        LoginCase{"TheSecondHost",
                  "connection to server at \"a\", port 1 failed: Connection refused\n\tIs the "
                  "server running on that host and accepting TCP/IP connections?\nconnection to "
                  "server at \"b\", port 2 failed: FATAL:  3D000: database \"x\" does not exist\n"
                  "LOCATION:  InitPostgres, postinit.c:948\n",
                  "3D000", "database \"x\" does not exist", Cause::no_such_database},
        LoginCase{
            "Starting",
            "connection to server at \"a\", port 1 failed: FATAL:  57P03: the database system "
            "is starting up\n",
            "57P03", "the database system is starting up", Cause::not_ready},
        LoginCase{"Certificate",
                  "connection to server at \"h\", port 5432 failed: SSL error: certificate verify "
                  "failed\n",
                  "",
                  "connection to server at \"h\", port 5432 failed: SSL error: certificate "
                  "verify failed",
                  Cause::certificate},
        LoginCase{"Nobody", "connection to server at \"h\", port 1 failed: Connection refused\n",
                  "", "connection to server at \"h\", port 1 failed: Connection refused",
                  Cause::no_answer}),
    [](const auto& tested) { return tested.param.name; });

TEST(ReadinessOfAnError, SaysNothingOfTheConnectionsUrl) {
    EXPECT_EQ(readiness_of(Unavailable{"could not translate host name \"x\""}),
              "the database does not answer");
    EXPECT_EQ(readiness_of(Unavailable{"password wrong (SQLSTATE 28P01)", Cause::login}),
              "the database refuses the login: password wrong (SQLSTATE 28P01)");
}

TEST(ClassesOfErrors, ThatSomebodyHasToMendAreNotPassing) {
    for (const auto* sqlstate : {"23502", "23514", "P0001", "42501", "42P01", "22003", "0A000"}) {
        EXPECT_FALSE(is_passing(sqlstate)) << sqlstate;
    }
    for (const auto* sqlstate : {"08006", "25006", "40P01", "53100", "55P03", "57014", "57P01"}) {
        EXPECT_TRUE(is_passing(sqlstate)) << sqlstate;
    }
}

}  // namespace
}  // namespace events::postgres
