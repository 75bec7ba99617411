// The whole suite behind passwords and TLS, and what happens while a credential is wrong.
#include "load.hpp"
#include "stack.hpp"
#include "support/await.hpp"
#include "support/certificates.hpp"
#include "support/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace events::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A broker and a database that take nobody but ann, with her password, over TLS.
class Credentials : public ::testing::Test {
  protected:
    Credentials() {
        const auto hba = folder_.path() / "pg_hba.conf";
        std::ofstream{hba} << "hostssl all ann 127.0.0.1/32 scram-sha-256\n"
                              "host all postgres 127.0.0.1/32 trust\n";
        const auto certificate = authority_.issue(kLoopbackNames, "postgres");
        cluster_.emplace(std::vector<std::string>{
            "ssl=on", "ssl_cert_file=" + certificate.file.string(),
            "ssl_key_file=" + certificate.key.string(), "hba_file=" + hba.string()});
        query(cluster_->url("postgres"), "CREATE ROLE ann LOGIN PASSWORD 'open-sesame'");
        stack_.emplace(*cluster_, NatsServerOptions{.extra = broker_config("open-sesame")});
        database_name_ = stack_->database().substr(stack_->database().rfind('/') + 1);
        query(stack_->database(), "ALTER DATABASE " + database_name_ + " OWNER TO ann");
    }

    [[nodiscard]] std::string broker_config(const std::string& password) const {
        return "tls { cert_file: \"" + broker_certificate_.file.string() + "\", key_file: \"" +
               broker_certificate_.key.string() + "\" }\nauthorization { user: ann, password: \"" +
               password + "\" }\n";
    }

    [[nodiscard]] Variables with(const std::string& password) {
        return {{"NATS_URL",
                 "tls://ann:" + password + "@localhost:" + std::to_string(stack_->nats().port())},
                {"NATS_TLS_CA_FILE", authority_.file().string()},
                {"DATABASE_URL",
                 "postgresql://ann:" + password + "@localhost:" + std::to_string(cluster_->port()) +
                     "/" + database_name_ +
                     "?sslmode=verify-full&sslrootcert=" + authority_.file().string()},
                {"LOG_LEVEL", "trace"}};
    }

    [[nodiscard]] bool logs(const std::string& daemon, const std::string& text) {
        return await(
            [&] { return read_file(stack_->log_file(daemon)).find(text) != std::string::npos; });
    }

    /// Whether the broker is what /readiness complains of, and why.
    [[nodiscard]] bool is_refused_by_broker(const std::string& daemon) {
        return await([&] {
            const auto error =
                nlohmann::json::parse(stack_->get(daemon, "/readiness").body)["error"];
            return error.contains("nats") &&
                   error["nats"].dump().find("uthorization") != std::string::npos;
        });
    }

    void expect_no_password(const std::string& daemon) {
        EXPECT_THAT(read_file(stack_->log_file(daemon)), Not(HasSubstr("open-")));
        EXPECT_THAT(stack_->get(daemon, "/readiness").body, Not(HasSubstr("open-")));
    }

    TemporaryDirectory folder_;
    CertificateAuthority authority_;
    Certificate broker_certificate_ = authority_.issue(kLoopbackNames);
    std::optional<PostgresCluster> cluster_;
    std::optional<Stack> stack_;
    std::string database_name_;
};

TEST_F(Credentials, ServeTheWholeSuite) {
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        stack_->start(daemon, with("open-sesame"));
    }
    EXPECT_EQ(stack_->post(make_batch(200).body).status, 201U);
    EXPECT_TRUE(stack_->await_rows(200));
    EXPECT_EQ(stack_->report("/reports/events").at("count"), 200);
    for (const auto* daemon : {"gateway", "fb-collector", "ttk-collector", "reporter"}) {
        expect_no_password(daemon);
    }
}

TEST_F(Credentials, ThatAreWrongKeepADaemonUnreadyUntilTheyAreRight) {
    for (const auto* daemon : {"gateway", "fb-collector", "reporter"}) {
        stack_->start(daemon, with("open-barley"), false);
    }
    EXPECT_TRUE(is_refused_by_broker("gateway"));
    EXPECT_TRUE(is_refused_by_broker("fb-collector"));
    EXPECT_TRUE(logs("fb-collector", "password authentication failed"));
    EXPECT_FALSE(stack_->is_ready("fb-collector"));
    EXPECT_TRUE(logs("reporter", "password authentication failed"));
    EXPECT_FALSE(stack_->is_ready("reporter"));

    stack_->nats().configure(broker_config("open-barley"));
    stack_->nats().restart();
    query(cluster_->url("postgres"), "ALTER ROLE ann PASSWORD 'open-barley'");
    for (const auto* daemon : {"gateway", "fb-collector", "reporter"}) {
        EXPECT_TRUE(await([&] { return stack_->is_ready(daemon); })) << daemon;
        expect_no_password(daemon);
    }
}

}  // namespace
}  // namespace events::test
