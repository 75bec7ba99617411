#include "common/postgres/migrations.hpp"

#include "common/postgres/error.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <array>
#include <future>
#include <latch>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;
using Migrations = std::vector<Migration>;

const Migration kFirst{1, "0001_first.sql", "CREATE TABLE first (n int)", "aaa"};
const Migration kSecond{2, "0002_second.sql",
                        "CREATE TABLE second (n int); INSERT INTO second VALUES (7)", "bbb"};

class MigrationsTest : public ::testing::Test {
  protected:
    [[nodiscard]] Connection connect() const {
        return {{.url = config::Secret{url_},
                 .application_name = "migrations-test",
                 .connect_timeout = std::chrono::seconds{30}},
                {}};
    }
    void migrate(const Migrations& migrations) const {
        auto connection = connect();
        postgres::migrate(connection, migrations, log_);
    }
    std::string query(const std::string& sql) const { return test::query(url_, sql); }
    [[nodiscard]] std::string refusal_of(const Migrations& migrations) const {
        try {
            migrate(migrations);
        } catch (const MigrationRefused& error) {
            return error.what();
        }
        return "";
    }

    std::string url_ = test::postgres_cluster().make_database();
    logging::Logger log_{
        "test",
        {},
        std::make_shared<spdlog::logger>("null", std::make_shared<spdlog::sinks::null_sink_mt>())};
};

TEST_F(MigrationsTest, AppliesWhatIsMissingAndRecordsIt) {
    migrate({kFirst});
    EXPECT_EQ(query("SELECT to_regclass('second') IS NULL"), "t");
    migrate({kFirst, kSecond});
    migrate({kFirst, kSecond});
    EXPECT_EQ(query("SELECT n FROM second"), "7");
    EXPECT_EQ(
        query("SELECT string_agg(concat_ws(' ', number, name, checksum), ', ' ORDER BY number) "
              "FROM schema_migrations"),
        "1 0001_first.sql aaa, 2 0002_second.sql bbb");
}

TEST_F(MigrationsTest, AreAppliedOnceWhenEightDaemonsStartTogether) {
    std::latch start{8};
    std::vector<std::future<void>> daemons;
    for (int daemon = 0; daemon < 8; ++daemon) {
        daemons.push_back(std::async(std::launch::async, [&] {
            auto connection = connect();
            connection.ping();
            start.arrive_and_wait();
            postgres::migrate(connection, embedded_migrations(), log_);
        }));
    }
    for (auto& daemon : daemons) EXPECT_NO_THROW(daemon.get());
    EXPECT_EQ(query("SELECT count(*) FROM schema_migrations"),
              std::to_string(embedded_migrations().size()));
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "0");
}

TEST_F(MigrationsTest, RefusesAChangedMigrationAndAppliesNothing) {
    migrate({kFirst});
    auto changed = kFirst;
    changed.checksum = "ccc";
    EXPECT_THAT(refusal_of({changed, kSecond}), HasSubstr("0001_first.sql"));
    EXPECT_EQ(query("SELECT to_regclass('second') IS NULL"), "t");
}

TEST_F(MigrationsTest, RefusesADatabaseWithAnUnknownMigration) {
    migrate({kFirst, kSecond});
    EXPECT_THAT(refusal_of({kFirst}), HasSubstr("0002_second.sql"));
}

// What a standby is to its clients. A reporter on one took it for a database that is not ours.
TEST_F(MigrationsTest, WaitsForOthersWhereTheDatabaseIsReadOnly) {
    const auto name = query("SELECT current_database()");
    const auto set_read_only = [&](const char* value) {
        test::query(test::postgres_cluster().url("postgres"),
                    "ALTER DATABASE " + name + " SET default_transaction_read_only = " + value);
    };
    set_read_only("on");
    EXPECT_THROW(migrate({kFirst}), Unavailable) << "nothing is there yet";
    set_read_only("off");
    migrate({kFirst});
    set_read_only("on");
    migrate({kFirst});
    EXPECT_THROW(migrate({kFirst, kSecond}), Unavailable);
    EXPECT_THAT(refusal_of({kSecond}), HasSubstr("0001_first.sql"));
    set_read_only("off");
}

TEST_F(MigrationsTest, LeavesNothingOfAFailingMigrationAndKeepsThoseBefore) {
    const Migration broken{2, "0002_broken.sql",
                           "CREATE TABLE second (n int); INSERT INTO nowhere VALUES (1)", "ddd"};
    EXPECT_THROW(migrate({kFirst, broken}), Refused);
    EXPECT_EQ(query("SELECT to_regclass('second') IS NULL"), "t");
    EXPECT_EQ(query("SELECT count(*) FROM schema_migrations"), "1");
    migrate({kFirst, kSecond});
    EXPECT_EQ(query("SELECT n FROM second"), "7");
}

TEST_F(MigrationsTest, ReleasesItsLockWhenItFails) {
    auto connection = connect();
    const Migration broken{1, "0001_broken.sql", "nonsense", "ddd"};
    EXPECT_THROW(postgres::migrate(connection, std::array{broken}, log_), Refused);
    connection.ping();  // the connection that failed lives on, as in a daemon that tries again
    migrate({kFirst});
}

TEST_F(MigrationsTest, HaveNoStatementTimeoutAndLeaveTheSessionsAsItWas) {
    Connection connection{{.url = config::Secret{url_},
                           .application_name = "migrations-test",
                           .statement_timeout = std::chrono::seconds{2}},
                          {}};
    const Migration slow{1, "0001_slow.sql", "SELECT pg_sleep(2.5)", "eee"};
    EXPECT_NO_THROW(postgres::migrate(connection, std::array{slow}, log_));
    EXPECT_EQ(connection.transact([](pqxx::work& work) {
        return work.exec("SHOW statement_timeout")[0][0].as<std::string>();
    }),
              "2s");
}

TEST_F(MigrationsTest, TriesAgainAfterASessionThatDiedWithTheLock) {
    const Migration endless{1, "0001_endless.sql", "SELECT pg_sleep(600)", "fff"};
    auto dying = std::async(std::launch::async, [&] { migrate({endless}); });
    EXPECT_TRUE(test::await([&] {
        return query(
                   "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE '%pg_sleep(600)%' "
                   "AND state = 'active' AND pid <> pg_backend_pid()") == "1";
    }));
    query(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
        "WHERE query ILIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
    EXPECT_THROW(dying.get(), Unavailable);
    migrate({kFirst});
    EXPECT_EQ(query("SELECT count(*) FROM first"), "0");
}

}  // namespace
}  // namespace events::postgres
