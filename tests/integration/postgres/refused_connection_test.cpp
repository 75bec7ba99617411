// A server that answers, and lets nobody in.
#include "common/postgres/connection.hpp"
#include "support/postgres_cluster.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace events::postgres {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RefusedConnectionTest : public ::testing::Test {
  protected:
    RefusedConnectionTest() {
        std::ofstream{hba_} << "host all ann 127.0.0.1/32 scram-sha-256\n"
                               "host all bob 127.0.0.1/32 reject\n"
                               "host all all 127.0.0.1/32 trust\n";
        test::query(cluster_.url("postgres"), "CREATE ROLE ann LOGIN PASSWORD 'open-sesame'");
        test::query(cluster_.url("postgres"), "CREATE ROLE nologin");
        test::query(cluster_.url("postgres"), "CREATE ROLE full_up LOGIN CONNECTION LIMIT 0");
        test::query(cluster_.url("postgres"), "CREATE DATABASE closed");
        test::query(cluster_.url("postgres"), "REVOKE CONNECT ON DATABASE closed FROM public");
        test::query(cluster_.url("postgres"), "CREATE ROLE guest LOGIN");
    }

    [[nodiscard]] std::string url(const std::string& user, const std::string& database) const {
        return "postgresql://" + user + "@127.0.0.1:" + std::to_string(cluster_.port()) + "/" +
               database;
    }

    static void expect(const std::string& url, Cause cause, const std::string& part) {
        Connection connection{{.url = config::Secret{url}, .application_name = "test"}, {}};
        try {
            connection.ping();
            ADD_FAILURE() << "it answered " << url;
        } catch (const Unavailable& error) {
            EXPECT_EQ(error.cause(), cause) << error.what();
            EXPECT_THAT(error.what(), HasSubstr(part));
            EXPECT_THAT(error.what(), AllOf(Not(HasSubstr("LOCATION")), Not(HasSubstr("ann")),
                                            Not(HasSubstr("sesame"))));
        }
    }

    test::TemporaryDirectory folder_;
    std::filesystem::path hba_ = folder_.path() / "pg_hba.conf";
    test::PostgresCluster cluster_{{"hba_file=" + make_hba().string()}};

  private:
    /// The tests' own way in, before the cluster starts.
    [[nodiscard]] std::filesystem::path make_hba() const {
        std::ofstream{hba_} << "host all all 127.0.0.1/32 trust\n";
        return hba_;
    }
};

TEST_F(RefusedConnectionTest, SaysWhatTheServerSaidWithItsSqlstate) {
    expect(url("nologin", "postgres"), Cause::login, "not permitted to log in (SQLSTATE 28000)");
    expect(url("nobody", "postgres"), Cause::login, "does not exist (SQLSTATE 28000)");
    expect(url("postgres", "nowhere"), Cause::no_such_database,
           "database \"nowhere\" does not exist (SQLSTATE 3D000)");
    expect(url("full_up", "postgres"), Cause::exhausted, "SQLSTATE 53300");
    expect(url("guest", "closed"), Cause::no_right, "SQLSTATE 42501");
    test::query(cluster_.url("postgres"), "SELECT pg_reload_conf()");
    expect(url("ann:wrong-sesame", "postgres"), Cause::login,
           "password authentication failed for user \"***\" (SQLSTATE 28P01)");
    expect(url("ann", "postgres"), Cause::login, "no password supplied");
    expect(url("bob", "postgres"), Cause::login, "SQLSTATE 28000");
    expect(url("postgres", "postgres") + "?sslmode=require", Cause::certificate, "SSL");
}

TEST_F(RefusedConnectionTest, SaysThatADatabaseIsNotInUtf8) {
    for (const std::string encoding : {"LATIN1", "SQL_ASCII"}) {
        const auto database = "in_" + encoding;
        test::query(cluster_.url("postgres"), "CREATE DATABASE \"" + database +
                                                  "\" TEMPLATE template0 LOCALE 'C' ENCODING '" +
                                                  encoding + "'");
        Connection connection{
            {.url = config::Secret{url("postgres", database)}, .application_name = "test"}, {}};
        try {
            connection.ping();
            ADD_FAILURE() << "it answered";
        } catch (const WrongDatabase& error) {
            EXPECT_THAT(error.what(), AllOf(HasSubstr(encoding), HasSubstr("UTF8")));
        }
    }
}

}  // namespace
}  // namespace events::postgres
