#include "common/postgres/connection.hpp"

#include "common/clock/comparison.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"
#include "support/tcp_proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public ::testing::Test {
  protected:
    [[nodiscard]] Options options() const {
        return {.url = config::Secret{url_},
                .application_name = "connection-test",
                .connect_timeout = 30s};
    }
    [[nodiscard]] std::string scalar(Connection& connection, const std::string& sql) const {
        return connection.transact(
            [&](pqxx::work& work) { return work.exec(sql)[0][0].as<std::string>(); });
    }

    std::string url_ = test::postgres_cluster().make_database();
};

TEST_F(ConnectionTest, SetsItsSessionUpWhateverTheServersDefaultsAre) {
    Connection connection{options(), {}};
    EXPECT_EQ(scalar(connection, "SHOW timezone"), "UTC");
    EXPECT_EQ(scalar(connection, "SHOW statement_timeout"), "30s");
    EXPECT_EQ(scalar(connection, "SHOW client_encoding"), "UTF8");
    EXPECT_EQ(scalar(connection, "SHOW application_name"), "connection-test");
    EXPECT_EQ(scalar(connection, "SHOW datestyle"), "ISO, YMD");
}

TEST_F(ConnectionTest, ComparesTheServersClockAtEachConnection) {
    metrics::Registry metrics;
    clock::Comparison comparison{"postgres", {"test", {.level = logging::Level::fatal}}, metrics};
    auto& offset = metrics.gauge(
        "clock_offset_seconds",
        "How far a dependency's clock is ahead of this machine's, at its last connection.",
        {{"dependency", "postgres"}});
    auto compared = options();
    compared.server_clock = &comparison;
    Connection connection{compared, {}};
    for (int i = 0; i < 2; ++i) {
        offset.Set(99);
        connection.ping();
        EXPECT_LT(std::abs(offset.Value()), 30) << "the same machine's clock";
        connection.close();
    }
}

// libpq refused Prisma's parameter: `invalid URI query parameter: "schema"`.
TEST_F(ConnectionTest, WorksInTheSchemaOfTheUrlAlone) {
    test::query(url_, R"(CREATE SCHEMA "Shop's"; CREATE TABLE t (n int))");
    url_ += "?schema=Shop%27s";
    Connection connection{options(), {}};
    EXPECT_EQ(scalar(connection, "SELECT current_schemas(false)::text"), R"({Shop's})");
    connection.transact([](pqxx::work& work) { work.exec("CREATE TABLE t (n int)"); });
    connection.close();
    EXPECT_EQ(scalar(connection, "SELECT 't'::regclass = '\"Shop''s\".t'::regclass"), "t");
}

TEST_F(ConnectionTest, SaysThatTheSchemaOfTheUrlIsMissing) {
    const auto reason_of = [](Connection& connection) -> std::string {
        try {
            connection.ping();
        } catch (const Unavailable& error) {
            return error.what();
        }
        return "";
    };
    test::query(url_, "CREATE TABLE t (n int)");
    const auto database = url_;
    url_ += "?schema=shop";
    Connection connection{options(), {}};
    EXPECT_THAT(reason_of(connection), HasSubstr("CREATE SCHEMA \"shop\""));
    test::query(database, "CREATE SCHEMA shop");
    EXPECT_EQ(reason_of(connection), "");
}

TEST_F(ConnectionTest, CommitsWhatTheWorkDid) {
    test::query(url_, "CREATE TABLE t (n int)");
    Connection connection{options(), {}};
    connection.transact([](pqxx::work& work) { work.exec("INSERT INTO t VALUES (1), (2)"); });
    EXPECT_EQ(test::query(url_, "SELECT count(*) FROM t"), "2");
}

TEST_F(ConnectionTest, CommitsNothingWhenTheWorkThrows) {
    test::query(url_, "CREATE TABLE t (n int)");
    Connection connection{options(), {}};
    EXPECT_THROW(connection.transact([](pqxx::work& work) {
        work.exec("INSERT INTO t VALUES (1)");
        throw std::logic_error{"the work's own failure"};
    }),
                 std::logic_error);
    EXPECT_EQ(scalar(connection, "SELECT count(*) FROM t"), "0");
}

TEST_F(ConnectionTest, ReadsFromOneSnapshotAndRefusesToWrite) {
    test::query(url_, "CREATE TABLE t (n int)");
    Connection connection{options(), {}};
    connection.read([&](auto& transaction) {
        EXPECT_EQ(transaction.exec("SELECT count(*) FROM t")[0][0].template as<int>(), 0);
        test::query(url_, "INSERT INTO t VALUES (1)");
        EXPECT_EQ(transaction.exec("SELECT count(*) FROM t")[0][0].template as<int>(), 0);
    });
    EXPECT_THROW(
        connection.read([](auto& transaction) { transaction.exec("INSERT INTO t VALUES (2)"); }),
        Unavailable);
    EXPECT_EQ(test::query(url_, "SELECT count(*) FROM t"), "1");
}

TEST_F(ConnectionTest, WorksAgainWithItsStatementsAfterTheServerRestarted) {
    test::PostgresCluster cluster;
    Connection connection{
        {.url = config::Secret{cluster.url("postgres")}, .application_name = "connection-test"},
        {{"twice", "SELECT 2 * $1::int"}}};
    const auto twice = [&](int number) {
        return connection.transact(
            [&](pqxx::work& work) { return work.exec_prepared("twice", number)[0][0].as<int>(); });
    };
    EXPECT_EQ(twice(4), 8);
    cluster.restart();
    EXPECT_THROW(twice(5), Unavailable);
    EXPECT_EQ(twice(6), 12);

    cluster.kill();
    EXPECT_THROW(twice(7), Unavailable);
    EXPECT_THROW(connection.ping(), Unavailable);
    cluster.restart();
    EXPECT_EQ(twice(8), 16);
}

TEST_F(ConnectionTest, IsUnavailableWhenItsSessionIsEndedInsideATransaction) {
    test::query(url_, "CREATE TABLE t (n int)");
    Connection connection{options(), {}};
    EXPECT_THROW(connection.transact([&](pqxx::work& work) {
        work.exec("INSERT INTO t VALUES (1)");
        const auto pid = work.exec("SELECT pg_backend_pid()")[0][0].as<std::string>();
        test::query(url_, "SELECT pg_terminate_backend(" + pid + ", 60000)");
        work.exec("INSERT INTO t VALUES (2)");
    }),
                 Unavailable);
    EXPECT_EQ(scalar(connection, "SELECT count(*) FROM t"), "0");
}

TEST_F(ConnectionTest, IsUnavailableWhenItIsLostAtTheCommit) {
    test::query(url_, "CREATE TABLE t (n int)");
    Connection connection{options(), {}};
    EXPECT_THROW(connection.transact([&](pqxx::work& work) {
        work.exec("INSERT INTO t VALUES (1)");
        const auto pid = work.exec("SELECT pg_backend_pid()")[0][0].as<std::string>();
        test::query(url_, "SELECT pg_terminate_backend(" + pid + ", 60000)");
    }),
                 Unavailable);
    EXPECT_EQ(scalar(connection, "SELECT count(*) FROM t"), "0");
}

TEST_F(ConnectionTest, IsUnavailableWithoutAServerAndNeverNamesThePassword) {
    const auto port = std::to_string(test::postgres_cluster().port());
    for (const auto& url : {std::string{"postgresql://me:hunter2@127.0.0.1:1/events"},
                            "postgresql://me:hunter2@127.0.0.1:" + port + "/no_such_database",
                            std::string{"postgresql://me:hunter2@no-such-host.invalid/events"},
                            std::string{"not a url, hunter2"}}) {
        Connection connection{{.url = config::Secret{url}, .application_name = "test"}, {}};
        try {
            connection.ping();
            ADD_FAILURE() << "it answered";
        } catch (const Unavailable& error) {
            EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
        }
    }
}

struct SqlCase {
    const char* name;
    const char* sql;
    const char* sqlstate;
};

class StatementIsRefused : public ConnectionTest, public ::testing::WithParamInterface<SqlCase> {};

TEST_P(StatementIsRefused, AndTheConnectionStaysUsable) {
    test::query(url_, "CREATE TABLE t (n int PRIMARY KEY CHECK (n > 0), s smallint NOT NULL)");
    Connection connection{options(), {}};
    const auto session = scalar(connection, "SELECT pg_backend_pid()");
    try {
        connection.transact([](pqxx::work& work) { work.exec(GetParam().sql); });
        ADD_FAILURE() << "it was taken";
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.error().sqlstate, GetParam().sqlstate);
    }
    EXPECT_EQ(scalar(connection, "SELECT pg_backend_pid()"), session);
}

INSTANTIATE_TEST_SUITE_P(
    SqlStates, StatementIsRefused,
    ::testing::Values(SqlCase{"BadText", "SELECT 'x'::int", "22P02"},
                      SqlCase{"OutOfRange", "INSERT INTO t VALUES (1, 99999)", "22003"},
                      SqlCase{"BadDate", "SELECT '2026-02-30'::date", "22008"},
                      SqlCase{"Check", "INSERT INTO t VALUES (0, 1)", "23514"},
                      SqlCase{"NotNull", "INSERT INTO t VALUES (1, NULL)", "23502"},
                      SqlCase{"Unique", "INSERT INTO t VALUES (1, 1), (1, 1)", "23505"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(ConnectionTest, IsUnavailableWhenAStatementTakesTooLong) {
    auto options = this->options();
    options.statement_timeout = 2s;
    Connection connection{options, {}};
    EXPECT_THROW(scalar(connection, "SELECT pg_sleep(60)"), Unavailable);
    EXPECT_EQ(scalar(connection, "SELECT 1"), "1");
}

TEST_F(ConnectionTest, IsUnavailableAfterADeadlock) {
    test::query(url_,
                "CREATE FUNCTION deadlock() RETURNS void LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END$$");
    Connection connection{options(), {}};
    EXPECT_THROW(connection.transact([](pqxx::work& work) { work.exec("SELECT deadlock()"); }),
                 Unavailable);
}

TEST_F(ConnectionTest, SaysWhichColumnsAndConstraintsRefuse) {
    test::query(url_,
                "CREATE TABLE t (n int NOT NULL CONSTRAINT small CHECK (n < 10));"
                "INSERT INTO t VALUES (1)");
    Connection connection{options(), {}};
    const auto refusal_of = [&](const char* sql) {
        try {
            connection.transact([&](pqxx::work& work) { work.exec(sql); });
        } catch (const Refused& refused) {
            return std::string{refused.what()};
        }
        return std::string{"none"};
    };
    EXPECT_EQ(refusal_of("INSERT INTO t VALUES (NULL)"),
              R"(null value in column "n" of relation "t" violates not-null constraint )"
              "(SQLSTATE 23502, table t, column n)");
    EXPECT_EQ(refusal_of("INSERT INTO t VALUES (4711)"),
              R"(new row for relation "t" violates check constraint "small" )"
              "(SQLSTATE 23514, table t, constraint small)");
    EXPECT_EQ(refusal_of("SELECT 'Berlin'::int"),
              "invalid input syntax for type integer*** (SQLSTATE 22P02)");
    EXPECT_EQ(refusal_of("SELECT * FROM nowhere"),
              "relation \"nowhere\" does not exist (SQLSTATE 42P01)");
}

TEST_F(ConnectionTest, IsUnavailableWhereALockIsHeldAndSaysSo) {
    test::query(url_, "CREATE TABLE t (n int)");
    pqxx::connection other{url_};
    pqxx::work lock{other};
    lock.exec("LOCK TABLE t");
    auto options = this->options();
    options.statement_timeout = 4s;
    Connection connection{options, {}};
    try {
        (void)scalar(connection, "SELECT count(*) FROM t");
        ADD_FAILURE() << "it answered";
    } catch (const Unavailable& error) {
        EXPECT_EQ(error.cause(), Cause::locked) << error.what();
        EXPECT_THAT(error.what(), HasSubstr("55P03"));
    }
}

TEST_F(ConnectionTest, LetsABugInTheSqlBeRefused) {
    Connection connection{options(), {}};
    EXPECT_THROW(scalar(connection, "SELECT nonsense"), Refused);
    EXPECT_EQ(scalar(connection, "SELECT 1"), "1");
}

TEST_F(ConnectionTest, FindsABugInAPreparedStatementWhenItConnects) {
    Connection connection{options(), {{"broken", "SELECT * FROM nowhere"}}};
    EXPECT_THROW(connection.ping(), Refused);
}

// The watch was for the transaction, so that one of several slow statements was never committed.
TEST_F(ConnectionTest, LetsEachStatementOfATransactionTakeItsTime) {
    test::query(url_, "CREATE TABLE t (n int)");
    auto options = this->options();
    options.answer_timeout = 20s;
    Connection connection{options, {}};
    connection.transact([&](pqxx::work& work) {
        work.exec("INSERT INTO t SELECT 1 FROM pg_sleep(8)");
        work.exec(
            "INSERT INTO t SELECT 1 FROM pg_sleep(8); INSERT INTO t SELECT 1 FROM pg_sleep(8)");
    });
    EXPECT_EQ(scalar(connection, "SELECT count(*) FROM t"), "3");
}

TEST_F(ConnectionTest, WatchesALaterStatementOfATransactionToo) {
    auto options = this->options();
    options.answer_timeout = 2s;
    options.statement_timeout = 1h;
    Connection connection{options, {}};
    EXPECT_THROW(connection.transact([](pqxx::work& work) {
        work.exec("SELECT 1");
        work.exec("SELECT pg_sleep(600)");
    }),
                 Unavailable);
}

// A daemon that died in the midst of a statement left its backend, and its locks, behind.
TEST_F(ConnectionTest, IsMissedByTheServerInTheMidstOfAStatement) {
    Connection connection{options(), {}};
    EXPECT_EQ(scalar(connection, "SHOW client_connection_check_interval"), "10s");
}

// A frozen server keeps its connections: the thread that waited for it waited for ever.
TEST_F(ConnectionTest, GivesUpOnAServerThatHangs) {
    test::TcpProxy proxy{test::postgres_cluster().port()};
    auto url = url_;
    const auto port = std::to_string(test::postgres_cluster().port());
    url.replace(url.find(port), port.size(), std::to_string(proxy.port()));
    Connection connection{
        {.url = config::Secret{url}, .application_name = "connection-test", .answer_timeout = 5s},
        {}};
    EXPECT_EQ(scalar(connection, "SELECT 1"), "1");
    proxy.set(test::ProxyMode::black_hole);
    EXPECT_THROW((void)scalar(connection, "SELECT 1"), Unavailable);
    proxy.set(test::ProxyMode::pass);
    EXPECT_EQ(scalar(connection, "SELECT 1"), "1");
}

}  // namespace
}  // namespace events::postgres
