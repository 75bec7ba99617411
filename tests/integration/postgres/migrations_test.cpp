#include "common/postgres/migrations.hpp"

#include "common/postgres/error.hpp"
#include "support/await.hpp"
#include "support/log_lines.hpp"
#include "support/postgres_cluster.hpp"
#include "support/tcp_proxy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/null_sink.h>

#include <array>
#include <future>
#include <latch>
#include <mutex>
#include <stop_token>
#include <utility>

namespace events::postgres {
namespace {

using ::testing::HasSubstr;
using Migrations = std::vector<Migration>;

const Migration kFirst{1, "0001_first.sql", "CREATE TABLE first (n int)", "aaa"};
const Migration kSecond{2, "0002_second.sql",
                        "CREATE TABLE second (n int); INSERT INTO second VALUES (7)", "bbb"};

constexpr std::chrono::milliseconds kOften{300};

/// What a migration waits for.
class Gate {
  public:
    static constexpr auto kWait = "SELECT pg_advisory_xact_lock(42)";

    explicit Gate(std::string url) : url_{std::move(url)} { transaction_.exec(kWait); }
    /// Waits until a migration is there.
    [[nodiscard]] bool await_one() const {
        return test::await([&] {
            return test::query(url_,
                               "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                               "AND NOT granted AND objid = 42") == "1";
        });
    }
    void open() { transaction_.abort(); }

  private:
    std::string url_;
    pqxx::connection holder_{url_};
    pqxx::work transaction_{holder_};
};

/// What readiness is told.
class States {
  public:
    [[nodiscard]] std::function<void(std::string_view)> listener() {
        return [this](std::string_view state) {
            const std::lock_guard lock{mutex_};
            all_ += state;
            all_ += '\n';
        };
    }
    [[nodiscard]] bool has(const std::string& part) const {
        const std::lock_guard lock{mutex_};
        return all_.find(part) != std::string::npos;
    }

  private:
    mutable std::mutex mutex_;
    std::string all_;
};

class MigrationsTest : public ::testing::Test {
  protected:
    /// Of this database, but for the one that asks.
    [[nodiscard]] std::string sessions() const {
        return query(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()");
    }
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
    EXPECT_EQ(query("SELECT to_regclass('events.second') IS NULL"), "t");
    migrate({kFirst, kSecond});
    migrate({kFirst, kSecond});
    EXPECT_EQ(query("SELECT n FROM events.second"), "7");
    EXPECT_EQ(
        query("SELECT string_agg(concat_ws(' ', number, name, checksum), ', ' ORDER BY number) "
              "FROM events.events_migrations"),
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
    EXPECT_EQ(query("SELECT count(*) FROM events.events_migrations"),
              std::to_string(embedded_migrations().size()));
    EXPECT_EQ(query("SELECT count(*) FROM facebook_events"), "0");
}

TEST_F(MigrationsTest, RefusesAChangedMigrationAndAppliesNothing) {
    migrate({kFirst});
    auto changed = kFirst;
    changed.checksum = "ccc";
    EXPECT_THAT(refusal_of({changed, kSecond}), HasSubstr("0001_first.sql"));
    EXPECT_EQ(query("SELECT to_regclass('events.second') IS NULL"), "t");
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
    EXPECT_EQ(query("SELECT to_regclass('events.second') IS NULL"), "t");
    EXPECT_EQ(query("SELECT count(*) FROM events.events_migrations"), "1");
    migrate({kFirst, kSecond});
    EXPECT_EQ(query("SELECT n FROM events.second"), "7");
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

// It was cut, and left a backend behind each time.
TEST_F(MigrationsTest, TakeLongerThanEveryLimit) {
    const auto name = query("SELECT current_database()");
    for (const auto* limit : {"lock_timeout", "idle_in_transaction_session_timeout"}) {
        query("ALTER DATABASE " + name + " SET " + limit + " = '1s'");
    }
    Connection connection{{.url = config::Secret{url_},
                           .application_name = "migrations-test",
                           .statement_timeout = std::chrono::seconds{1},
                           .answer_timeout = std::chrono::seconds{2}},
                          {}};
    query("CREATE TABLE busy (n int); CREATE TABLE go (n int)");
    pqxx::connection other{url_};
    pqxx::work transaction{other};
    transaction.exec("SET idle_in_transaction_session_timeout = 0; LOCK TABLE busy");
    const Migration slow{1, "0001_slow.sql",
                         "ALTER TABLE busy ADD m int; DO $$BEGIN WHILE (SELECT count(*) FROM "
                         "public.go) = 0 LOOP PERFORM pg_sleep(0.1); END LOOP; END$$",
                         "eee"};
    const auto lines = std::make_shared<test::LogLines>();
    const auto log = test::make_log(lines, logging::Level::info);
    auto migrated = std::async(std::launch::async, [&] {
        postgres::migrate(connection, std::array{slow}, log, {.progress_every = kOften});
    });
    // Well beyond the two seconds after which it was cut.
    ASSERT_TRUE(test::await([&] { return lines->has(R"("seconds":4)"); })) << lines->text();
    const auto holds = fmt::format("waits for a lock that process {} holds", other.backendpid());
    EXPECT_TRUE(test::await([&] { return lines->has(holds); })) << lines->text();
    transaction.abort();
    EXPECT_TRUE(test::await([&] { return lines->has(R"("situation":"works")"); })) << lines->text();
    query("INSERT INTO go VALUES (1)");
    EXPECT_NO_THROW(migrated.get());
    EXPECT_EQ(query("SELECT count(*) FROM events.events_migrations"), "1");
    // A backend ends a while after its client.
    EXPECT_TRUE(test::await([&] { return sessions() == "2"; })) << "what migrated, and ours";
}

TEST_F(MigrationsTest, WaitForAnotherDaemonsAndSayForWhose) {
    Gate gate{url_};
    const Migration gated{1, "0001_gated.sql", Gate::kWait, "eee"};
    auto first = std::async(std::launch::async, [&] { migrate({gated}); });
    ASSERT_TRUE(gate.await_one());

    States states;
    const auto lines = std::make_shared<test::LogLines>();
    auto waiting = std::async(std::launch::async, [&] {
        auto connection = connect();
        postgres::migrate(connection, std::array{gated},
                          test::make_log(lines, logging::Level::info),
                          {.progress_every = kOften, .state = states.listener()});
    });
    EXPECT_TRUE(
        test::await([&] { return states.has("waits for the migration of migrations-test"); }));
    EXPECT_TRUE(lines->has("waits for another daemon's migration"));
    gate.open();
    EXPECT_NO_THROW(first.get());
    EXPECT_NO_THROW(waiting.get());
    EXPECT_EQ(query("SELECT count(*) FROM events.events_migrations"), "1");
}

TEST_F(MigrationsTest, SayWhatTheyDo) {
    States states;
    auto connection = connect();
    postgres::migrate(connection, std::array{kFirst, kSecond}, log_, {.state = states.listener()});
    EXPECT_TRUE(states.has("migrating: 0001_first.sql"));
    EXPECT_TRUE(states.has("migrating: 0002_second.sql"));
}

TEST_F(MigrationsTest, EndWithNothingDoneWhenTheyAreStopped) {
    Gate gate{url_};
    const Migration gated{1, "0001_gated.sql", Gate::kWait, "eee"};
    std::stop_source stop;
    const auto run = [&] {
        auto connection = connect();
        postgres::migrate(connection, std::array{gated}, log_, {.stop = stop.get_token()});
    };
    auto migrating = std::async(std::launch::async, run);
    ASSERT_TRUE(gate.await_one());
    auto waiting = std::async(std::launch::async, run);
    stop.request_stop();
    EXPECT_THROW(migrating.get(), Unavailable);
    EXPECT_THROW(waiting.get(), Unavailable);
    EXPECT_EQ(query("SELECT to_regclass('events.events_migrations') IS NULL"), "t");
    EXPECT_TRUE(test::await([&] { return sessions() == "1"; }))
        << "the gate's; there are: "
        << query(
               "SELECT string_agg(format('%s %s %s', application_name, state, query), '; ') "
               "FROM pg_stat_activity WHERE datname = current_database()");
}

// A request to cancel gets no answer there either.
TEST_F(MigrationsTest, EndWhenTheyAreStoppedAndTheServerHangs) {
    test::TcpProxy proxy{test::postgres_cluster().port()};
    auto url = url_;
    const auto port = std::to_string(test::postgres_cluster().port());
    url.replace(url.find(port), port.size(), std::to_string(proxy.port()));
    Gate gate{url_};
    const Migration gated{1, "0001_gated.sql", Gate::kWait, "eee"};
    std::stop_source stop;
    auto migrating = std::async(std::launch::async, [&] {
        Connection connection{{.url = config::Secret{url}, .application_name = "migrations-test"},
                              {}};
        postgres::migrate(connection, std::array{gated}, log_, {.stop = stop.get_token()});
    });
    ASSERT_TRUE(gate.await_one());
    proxy.set(test::ProxyMode::black_hole);
    stop.request_stop();
    EXPECT_THROW(migrating.get(), Unavailable);
    proxy.set(test::ProxyMode::pass);
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
    EXPECT_EQ(query("SELECT count(*) FROM events.first"), "0");
}

}  // namespace
}  // namespace events::postgres
