// What is acknowledged is on the disk, whatever the role's, the database's or the server's
// defaults.
#include "common/postgres/durability.hpp"

#include "support/log_lines.hpp"
#include "support/postgres_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace events::postgres {
namespace {

struct Setting {
    const char* name;
    const char* level;      ///< the operator's
    const char* effective;  ///< ours
    bool warned;
};

class Durability : public ::testing::Test {
  protected:
    [[nodiscard]] Connection connect(const std::string& url) const {
        return {{.url = config::Secret{url}, .application_name = "durability-test"}, {}};
    }
    static std::string level_of(Connection& connection) {
        return connection.transact([](pqxx::work& work) {
            return work.exec("SHOW synchronous_commit")[0][0].as<std::string>();
        });
    }
    [[nodiscard]] std::string warnings_of(Connection& connection) const {
        warn_of_lost_commits(connection, test::make_log(lines_, logging::Level::warn));
        return lines_->text();
    }
    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
            ++found;
        }
        return found;
    }

    std::shared_ptr<test::LogLines> lines_ = std::make_shared<test::LogLines>();
};

class DurabilityOfADatabase : public Durability, public ::testing::WithParamInterface<Setting> {};

// 50 of 13,660 acknowledged events were lost in a crash of a server that was set so.
TEST_P(DurabilityOfADatabase, IsTheSessionsOwnUnlessTheDatabasesIsStricter) {
    const auto url = test::postgres_cluster().make_database();
    test::query(url, fmt::format("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
                                 "synchronous_commit = {}', current_database()); END $$",
                                 GetParam().level));
    auto connection = connect(url);
    EXPECT_EQ(level_of(connection), GetParam().effective);
    EXPECT_EQ(count(warnings_of(connection), "synchronous_commit is too weak"),
              GetParam().warned ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Levels, DurabilityOfADatabase,
    ::testing::Values(Setting{"Off", "off", "on", true}, Setting{"Local", "local", "on", false},
                      Setting{"RemoteWrite", "remote_write", "on", false},
                      Setting{"On", "on", "on", false},
                      Setting{"RemoteApply", "remote_apply", "remote_apply", false}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(Durability, IsTheSessionsOwnUnlessTheRolesIsStricter) {
    const auto url = test::postgres_cluster().make_database();
    test::query(url, "CREATE ROLE hasty LOGIN; ALTER ROLE hasty SET synchronous_commit = off");
    auto as_role = url;
    as_role.replace(as_role.find("postgres@"), 9, "hasty@");
    auto connection = connect(as_role);
    EXPECT_EQ(level_of(connection), "on");
    EXPECT_NE(warnings_of(connection).find("synchronous_commit is too weak"), std::string::npos);
    test::query(url, "DROP ROLE hasty");
}

TEST_F(Durability, MeansTheStandbysTooWhereTheServerHasSome) {
    // Nothing commits there: the standby does not exist.
    test::PostgresCluster cluster{{"synchronous_commit=local", "synchronous_standby_names=other"}};
    auto connection = connect(cluster.url("postgres"));
    EXPECT_EQ(level_of(connection), "on");
    EXPECT_NE(warnings_of(connection).find("synchronous_commit is too weak"), std::string::npos);
}

TEST_F(Durability, WarnsOfAServerThatDoesNotSyncItsDisk) {
    auto connection = connect(test::postgres_cluster().make_database());  // with fsync=off
    EXPECT_EQ(count(warnings_of(connection), "fsync is off"), 1U);
    test::PostgresCluster careful{{"fsync=on"}};
    auto other = connect(careful.url("postgres"));
    lines_ = std::make_shared<test::LogLines>();
    EXPECT_EQ(warnings_of(other), "");
}

}  // namespace
}  // namespace events::postgres
