#include "common/http/client.hpp"
#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/ports.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "tables_in_use.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <future>

namespace events::reporter {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// The reporter as it is installed, a process.
class Daemon {
  public:
    explicit Daemon(const std::string& database_url, const std::string& grace_ms = "10000",
                    const std::string& log_level = "info")
        : process_{{.command = {(test::bin_directory() / "reporter").string()},
                    .environment = {{"PORT", std::to_string(port_)},
                                    {"HOST", "127.0.0.1"},
                                    {"REPORT_PING_INTERVAL_MS", "50"},
                                    {"SHUTDOWN_GRACE_MS", grace_ms},
                                    {"LOG_LEVEL", log_level},
                                    {"CACHE_DIR", (folder_.path() / "cache").string()},
                                    {"DATABASE_URL", database_url}},
                    .output = folder_.path() / "log",
                    .user = {}}} {}

    /// The status of GET target; 0 without an answer.
    [[nodiscard]] unsigned status_of(std::string_view target) const {
        const auto response = get(target);
        return response ? response->status : 0;
    }
    [[nodiscard]] Expected<http::ClientResponse, http::ClientError> get(
        std::string_view target) const {
        http::Client client{"127.0.0.1", port_};
        http::ClientRequest request;
        request.target = target;
        return client.send(request, test::kPatience);
    }
    [[nodiscard]] bool answers(std::string_view target, unsigned status) const {
        return test::await([&] { return status_of(target) == status; });
    }
    [[nodiscard]] test::Process& process() { return process_; }
    [[nodiscard]] std::string log() const { return test::read_file(folder_.path() / "log"); }

  private:
    test::TemporaryDirectory folder_;
    std::uint16_t port_ = test::free_port();
    test::Process process_;
};

TEST(ReporterDaemon, ServesItsProbesBeforeItsDatabaseAndReportsAfterIt) {
    test::PostgresCluster cluster;
    const auto url = cluster.make_database();
    cluster.kill();
    Daemon daemon{url};
    ASSERT_TRUE(daemon.answers("/liveness", 200)) << daemon.log();
    EXPECT_EQ(daemon.status_of("/readiness"), 503U);
    const auto early = daemon.get("/reports/events");
    ASSERT_TRUE(early.has_value());
    EXPECT_EQ(early->status, 503U);
    EXPECT_EQ(early->header("Retry-After"), "2");
    for (const auto* page : {"/", "/docs", "/openapi.json", "/js/main.js"}) {
        EXPECT_EQ(daemon.status_of(page), 200U) << page;
    }

    cluster.restart();
    ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    EXPECT_EQ(daemon.get("/reports/events")->body, R"({"count":0})");

    cluster.kill();
    ASSERT_TRUE(daemon.answers("/readiness", 503));
    EXPECT_EQ(daemon.status_of("/liveness"), 200U);
    EXPECT_EQ(daemon.status_of("/reports/revenue"), 503U);
    cluster.restart();
    ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    EXPECT_EQ(daemon.status_of("/reports/revenue"), 200U);
}

TEST(ReporterDaemon, EndsCleanlyOnSigterm) {
    Daemon daemon{test::postgres_cluster().make_database()};
    ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    const auto status = daemon.process().stop(SIGTERM, test::kPatience);
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->code, 0) << daemon.log();
}

// A report that outlasted the grace made the reporter exit 1, and its client got no answer.
TEST(ReporterDaemon, AnswersWhatStillRunsAtTheEndOfItsGraceAndEndsCleanly) {
    const auto url = test::postgres_cluster().make_database();
    // Shorter than the lock's own limit, half of the statement's.
    Daemon daemon{url, "12000"};
    ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    const TablesInUse in_use{url};
    auto report = std::async(std::launch::async, [&] { return daemon.get("/reports/events"); });
    ASSERT_TRUE(await_blocked(url, 2)) << "the report, and what fills the cache";
    const auto status = daemon.process().stop(SIGTERM, test::kPatience);
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->code, 0) << daemon.log();
    const auto response = report.get();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 503U);
    EXPECT_EQ(response->header("Retry-After"), "2");
    EXPECT_THAT(response->body, HasSubstr("shutting down"));
    EXPECT_TRUE(await_blocked(url, 0)) << "cancelled in the database too";
}

TEST(ReporterDaemon, EndsCleanlyOnSigtermWhileItsDatabaseIsAway) {
    Daemon daemon{"postgresql://postgres@127.0.0.1:" + std::to_string(test::free_port()) + "/none"};
    ASSERT_TRUE(daemon.answers("/liveness", 200)) << daemon.log();
    const auto status = daemon.process().stop(SIGTERM, test::kPatience);
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->code, 0) << daemon.log();
}

TEST(ReporterDaemon, RefusesADatabaseThatOtherMigrationsMade) {
    const auto url = test::postgres_cluster().make_database();
    {
        Daemon daemon{url};
        ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    }
    test::query(url, "UPDATE events.events_migrations SET checksum = 'another' WHERE number = 1");
    Daemon daemon{url};
    const auto status = daemon.process().wait(test::kPatience);
    ASSERT_TRUE(status.has_value());
    EXPECT_EQ(status->code, 1);
    EXPECT_THAT(daemon.log(), HasSubstr(R"("level":60)"));
}

TEST(ReporterDaemon, LogsAQuestionWithoutItsFreeTexts) {
    Daemon daemon{test::postgres_cluster().make_database(), "10000", "debug"};
    ASSERT_TRUE(daemon.answers("/readiness", 200)) << daemon.log();
    const auto response = daemon.get("/reports/demographics?city=Springfield&age=30");
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200U);
    const auto logged = [&] { return daemon.log().find(R"("msg":"report")") != std::string::npos; };
    ASSERT_TRUE(test::await(logged));
    EXPECT_THAT(daemon.log(), HasSubstr(response->header("X-Correlation-Id")));
    EXPECT_THAT(daemon.log(), HasSubstr(R"("question":"city=*&age=30","status":200)"));
    EXPECT_THAT(daemon.log(), ::testing::Not(HasSubstr("Springfield")));
}

}  // namespace
}  // namespace events::reporter
