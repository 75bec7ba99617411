// Who may talk to the database, and over what: passwords and TLS, on a real PostgreSQL.
#include "common/config/env_reader.hpp"
#include "common/postgres/connection.hpp"
#include "support/certificates.hpp"
#include "support/postgres_cluster.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace events::postgres {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A server that takes ann only over TLS and with her password. The tests' own user needs neither.
class CredentialsTest : public ::testing::Test {
  protected:
    CredentialsTest() {
        std::ofstream{hba()} << "hostssl all ann 127.0.0.1/32 scram-sha-256\n"
                                "host all postgres 127.0.0.1/32 trust\n";
        cluster_.emplace(std::vector<std::string>{
            "ssl=on", "ssl_cert_file=" + certificate_.file.string(),
            "ssl_key_file=" + certificate_.key.string(), "hba_file=" + hba().string()});
        test::query(cluster_->url("postgres"), "CREATE ROLE ann LOGIN PASSWORD 'open-sesame'");
    }

    [[nodiscard]] std::filesystem::path hba() const { return folder_.path() / "pg_hba.conf"; }

    /// "postgresql://<who>@<host>:port/postgres?<parameters>"
    [[nodiscard]] std::string url(const std::string& who, const std::string& parameters,
                                  const std::string& host = "localhost") const {
        return "postgresql://" + who + "@" + host + ":" + std::to_string(cluster_->port()) +
               "/postgres?" + parameters;
    }
    [[nodiscard]] std::string verified_by(const std::filesystem::path& authority) const {
        return "sslmode=verify-full&sslrootcert=" + authority.string();
    }

    /// What the server says of a new connection's encryption; "refused: " and why.
    [[nodiscard]] static std::string connect(const std::string& url) {
        Connection connection{{.url = config::Secret{url}, .application_name = "test"}, {}};
        try {
            return connection.transact([](pqxx::work& work) {
                return work
                    .exec(
                        "SELECT current_user || ' ' || ssl::text FROM pg_stat_ssl "
                        "WHERE pid = pg_backend_pid()")[0][0]
                    .as<std::string>();
            });
        } catch (const Unavailable& error) {
            return std::string{"refused: "} + error.what();
        }
    }

    test::TemporaryDirectory folder_;
    test::CertificateAuthority authority_;
    test::Certificate certificate_ = authority_.issue("DNS:localhost", "postgres");
    std::optional<test::PostgresCluster> cluster_;
};

TEST_F(CredentialsTest, AreThoseOfTheUrlAndTlsIsVerified) {
    EXPECT_EQ(connect(url("ann:open-sesame", verified_by(authority_.file()))), "ann true");
    EXPECT_EQ(connect(url("ann:open-sesame", "sslmode=require")), "ann true");
}

TEST_F(CredentialsTest, ThatAreWrongAreToldWithoutQuotingThem) {
    EXPECT_THAT(connect(url("ann:open-barley", verified_by(authority_.file()))),
                AllOf(HasSubstr("refused: "), HasSubstr("password authentication failed"),
                      Not(HasSubstr("open-barley"))));
    EXPECT_THAT(connect(url("ann", verified_by(authority_.file()))),
                AllOf(HasSubstr("refused: "), HasSubstr("no password supplied")));
}

TEST_F(CredentialsTest, AreNotSentToAServerThatIsNotTrusted) {
    const test::CertificateAuthority other;
    EXPECT_THAT(connect(url("ann:open-sesame", verified_by(other.file()))),
                AllOf(HasSubstr("certificate verify failed"), Not(HasSubstr("open-sesame"))));
    EXPECT_THAT(connect(url("ann:open-sesame", verified_by(authority_.file()), "127.0.0.1")),
                HasSubstr("does not match host name"));
    EXPECT_THAT(connect(url("ann:open-sesame", "sslmode=disable")),
                AllOf(HasSubstr("refused: "), HasSubstr("no encryption")));
}

TEST_F(CredentialsTest, WorkOnceTheServerAgreesWithoutANewProcess) {
    Connection connection{{.url = config::Secret{url("ann:open-barley", "sslmode=require")},
                           .application_name = "test"},
                          {}};
    EXPECT_THROW(connection.ping(), Unavailable);
    test::query(cluster_->url("postgres"), "ALTER ROLE ann PASSWORD 'open-barley'");
    EXPECT_NO_THROW(connection.ping());
}

// It took a restart, although the documentation said otherwise.
TEST_F(CredentialsTest, OfAFileAreReadAgainForANewConnection) {
    const auto file = folder_.path() / "database_url";
    std::ofstream{file} << url("ann:open-sesame", "sslmode=require") << "\n";
    const config::Environment environment{{{"DATABASE_URL_FILE", file.string()}}};
    config::EnvReader read{environment};
    Connection connection{read_options(read, "test"), {}};
    ASSERT_NO_THROW(connection.ping());

    test::query(cluster_->url("postgres"), "ALTER ROLE ann PASSWORD 'open-barley'");
    EXPECT_NO_THROW(connection.ping());
    connection.close();
    EXPECT_THROW(connection.ping(), Unavailable);
    std::ofstream{file} << url("ann:open-barley", "sslmode=require") << "\n";
    EXPECT_NO_THROW(connection.ping());

    // One that can't be read, or holds nothing, changes nothing; one that is no URL is told.
    std::ofstream{file} << "\n";
    connection.close();
    EXPECT_NO_THROW(connection.ping());
    std::ofstream{file} << "mysql://ann:open-barley@host";
    connection.close();
    try {
        connection.ping();
        ADD_FAILURE() << "connected";
    } catch (const Unavailable& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("DATABASE_URL"), Not(HasSubstr("open-"))));
    }
}

TEST_F(CredentialsTest, AreNamedInNoError) {
    EXPECT_THAT(connect(url("ann:open-barley", "sslmode=require")),
                AllOf(HasSubstr("user \"***\""), Not(HasSubstr("ann")), Not(HasSubstr("open-"))));
    // libpq looked "open-barley@localhost" up, and said so.
    EXPECT_EQ(connect(url("ann:open-sesame", "sslmode=require")), "ann true");
    test::query(cluster_->url("postgres"), "ALTER ROLE ann PASSWORD 'o@pe:n#1'");
    EXPECT_EQ(connect(url("ann:o@pe:n#1", "sslmode=require")), "ann true");
}

TEST_F(CredentialsTest, MayComeFromLibpqsOwnVariablesAndFile) {
    const auto passwords = folder_.path() / "pgpass";
    std::ofstream{passwords} << "localhost:*:*:ann:open-sesame\n";
    std::filesystem::permissions(passwords, std::filesystem::perms::owner_read);
    const std::vector<std::pair<std::string, std::string>> variables{
        {"PGPASSFILE", passwords.string()},
        {"PGSSLMODE", "verify-full"},
        {"PGSSLROOTCERT", authority_.file().string()}};
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);  // NOLINT
    const auto trusted = connect(url("ann", ""));
    const test::CertificateAuthority other;
    ::setenv("PGSSLROOTCERT", other.file().c_str(), 1);  // NOLINT: no other thread runs
    const auto not_trusted = connect(url("ann", ""));
    for (const auto& [name, value] : variables) ::unsetenv(name.c_str());  // NOLINT
    EXPECT_EQ(trusted, "ann true");
    EXPECT_THAT(not_trusted, HasSubstr("certificate verify failed"));
}

TEST_F(CredentialsTest, LeaveTheUrlsOptionsInPlace) {
    Connection connection{{.url = config::Secret{url(
                               "ann:open-sesame", "sslmode=require&options=-c%20work_mem%3D7MB")},
                           .application_name = "test"},
                          {}};
    const auto show = [&](const std::string& setting) {
        return connection.transact(
            [&](pqxx::work& work) { return work.exec("SHOW " + setting)[0][0].as<std::string>(); });
    };
    EXPECT_EQ(show("work_mem"), "7MB");
    EXPECT_EQ(show("statement_timeout"), "30s");
    EXPECT_EQ(show("application_name"), "test");
}

}  // namespace
}  // namespace events::postgres
