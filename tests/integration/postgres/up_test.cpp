// What scripts/up does with the database that it finds.
#include "support/environment.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;

class Up : public ::testing::Test {
  protected:
    struct Result {
        int code;
        std::string output;
    };

    Up() {
        std::filesystem::create_directory(folder_.path() / "log");
        query("postgres", "CREATE DATABASE events");
    }

    std::string query(const std::string& database, const std::string& sql) const {
        return test::query(cluster_.url(database), sql);
    }
    void make_former() const {
        query("events",
              "CREATE TABLE schema_migrations (number int, checksum text); "
              "CREATE TABLE facebook_events AS SELECT 'fb-1' AS event_id");
    }
    [[nodiscard]] std::string databases() const {
        return query("postgres",
                     "SELECT string_agg(regexp_replace(datname, '\\d{8}_\\d{6}$', 'time'), ' ' "
                     "ORDER BY datname) FROM pg_database WHERE datname LIKE 'events%'");
    }
    /// make_database() of scripts/parts.sh, as `up` calls it, by such a command line.
    [[nodiscard]] Result make_database(const std::string& settings,
                                       const std::string& command = R"(exec bash "$0")") const {
        const auto script = folder_.path() / "script";
        const auto source = test::source_directory().string();
        std::ofstream{script} << fmt::format(
            "set -euo pipefail; source {0}/scripts/lib.sh\n"
            "state={1} {2}; source {0}/scripts/parts.sh\n"
            "make_database\n",
            source, folder_.path().string(), settings);
        const auto output = folder_.path() / "output";
        std::filesystem::remove(output);
        const auto status =
            test::run({.command = {"bash", "-c", command, script},
                       .environment = {{"POSTGRES_PORT", std::to_string(cluster_.port())}},
                       .output = output,
                       .user = {}});
        return {status.code, test::read_file(output)};
    }

    test::PostgresCluster cluster_;
    test::TemporaryDirectory folder_;
};

TEST_F(Up, UsesTheDatabaseThatIsThere) {
    query("events", "CREATE TABLE facebook_events (n int)");
    const auto made = make_database("");
    EXPECT_EQ(made.code, 0) << made.output;
    EXPECT_EQ(databases(), "events");
}

TEST_F(Up, LeavesAFormerDatabaseAsItIsWithoutAWordOfItsOperator) {
    make_former();
    const auto refused = make_database("", R"(exec bash "$0" </dev/null)");
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.output, HasSubstr("--start-anew"));
    EXPECT_EQ(databases(), "events");
    EXPECT_EQ(query("events", "SELECT event_id FROM facebook_events"), "fb-1");
}

TEST_F(Up, SetsAFormerDatabaseAsideWhenItIsTold) {
    make_former();
    const auto made = make_database("start_anew=yes");
    EXPECT_EQ(made.code, 0) << made.output;
    EXPECT_EQ(databases(), "events events_former_time");
    EXPECT_EQ(query("events", "SELECT to_regclass('facebook_events') IS NULL"), "t");
    EXPECT_EQ(query("events", "SELECT count(*) FROM pg_roles WHERE rolname = 'events_reader'"),
              "1");
}

TEST_F(Up, AsksOnATerminal) {
    make_former();
    constexpr auto kAnswer = R"(printf '%s\n' ANSWER | script -qec "bash $0" /dev/null)";
    const auto answer = [&](const std::string& word) {
        std::string command = kAnswer;
        return make_database("", command.replace(command.find("ANSWER"), 6, word));
    };
    const auto refused = answer("no");
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.output, HasSubstr("[y/N]"));
    EXPECT_EQ(databases(), "events");
    const auto made = answer("yes");
    EXPECT_EQ(made.code, 0) << made.output;
    EXPECT_EQ(databases(), "events events_former_time");
}

}  // namespace
}  // namespace events::postgres
