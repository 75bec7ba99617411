#include "pool_fixture.hpp"
#include "relay.hpp"

#include <gmock/gmock.h>
#include <pqxx/pqxx>

#include <signal.h>

#include <string>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

int backend_of(Connection& connection) {
    return connection.read([](auto& transaction) {
        return transaction.exec("SELECT pg_backend_pid()")[0][0].template as<int>();
    });
}

/// Work that waits for an advisory lock.
struct WaitForLock {
    int number;

    int operator()(Connection& connection) const {
        return connection.read([this](auto& transaction) {
            transaction.exec("SELECT pg_advisory_xact_lock(" + std::to_string(number) + ")");
            return number;
        });
    }
};

/// Another session that holds an advisory lock.
class LockInUse {
  public:
    LockInUse(const std::string& url, int number) : connection_{url} {
        pqxx::nontransaction{connection_}.exec("SELECT pg_advisory_lock(" + std::to_string(number) +
                                               ")");
    }

  private:
    pqxx::connection connection_;
};

class PoolCancellationTest : public PoolTest {
  protected:
    std::unique_ptr<Pool> make_small_pool(const std::string& url, PoolOptions options = {}) {
        options.connections = 1;
        options.ping_interval = 1h;
        return make_pool(options, {.url = config::Secret{url}, .application_name = "pool-test"});
    }
    /// Waits until the pool's sessions run `count` statements that hold something like this.
    [[nodiscard]] bool await_statements(const std::string& like, int count) const {
        const auto sql =
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND"
            " application_name = 'pool-test' AND query LIKE '%" +
            like + "%' AND datname = current_database()";
        return test::await([&] { return test::query(url_, sql) == std::to_string(count); });
    }

    /// The database's URL, through the relay.
    [[nodiscard]] std::string by(const test::Relay& relay) const {
        const auto port = std::to_string(test::postgres_cluster().port());
        auto url = url_;
        return url.replace(url.find(":" + port) + 1, port.size(), std::to_string(relay.port()));
    }

    std::string url_ = test::postgres_cluster().make_database();
    asio::cancellation_signal signal_;
};

TEST_F(PoolCancellationTest, GivesThePlaceOfWaitingWorkBackAtOnce) {
    const auto pool = make_small_pool(url_, {.queue = 1});
    Blocker blocker;
    auto running = loop_.start(pool->run(blocker));
    blocker.await_running();
    auto waiting = loop_.start(pool->run(&select_number), signal_);
    loop_.cancel(signal_);
    EXPECT_THROW(waiting.get(), Cancelled);
    auto next = loop_.start(pool->run(&select_number));
    blocker.release();
    EXPECT_EQ(running.get(), 7);
    EXPECT_EQ(next.get(), 42);
}

TEST_F(PoolCancellationTest, CancelsAStatementThatRunsAndKeepsItsConnection) {
    const auto pool = make_small_pool(url_, {.cancel_patience = 10s});
    const auto backend = loop_.start(pool->run(&backend_of)).get();
    auto sleeping = loop_.start(pool->run(&sleep_for_long), signal_);
    ASSERT_TRUE(await_statements("pg_sleep(600)", 1));
    loop_.cancel(signal_);
    EXPECT_THROW(sleeping.get(), Cancelled);
    EXPECT_TRUE(await_statements("pg_sleep(600)", 0));
    EXPECT_EQ(loop_.start(pool->run(&backend_of)).get(), backend);
}

TEST_F(PoolCancellationTest, CancelsAStatementThatWaitsForALock) {
    const auto pool = make_small_pool(url_);
    const LockInUse in_use{url_, 1};
    auto waiting = loop_.start(pool->run(WaitForLock{1}), signal_);
    ASSERT_TRUE(await_statements("advisory", 1));
    loop_.cancel(signal_);
    EXPECT_THROW(waiting.get(), Cancelled);
    EXPECT_TRUE(await_statements("advisory", 0));
}

TEST_F(PoolCancellationTest, CancelsAStatementThatIsSentAfterTheRequest) {
    test::Relay relay{test::postgres_cluster().port()};
    const auto pool = make_small_pool(by(relay));
    Blocker blocker;
    const auto late = [blocker](Connection& connection) mutable {
        connection.ping();
        blocker(connection);
        sleep_for_long(connection);
    };
    auto sleeping = loop_.start(pool->run(late), signal_);
    blocker.await_running();
    relay.hold();
    loop_.cancel(signal_);
    relay.release();
    ASSERT_TRUE(test::await([&] { return relay.ended() > 0; })) << "it met no statement";
    blocker.release();
    EXPECT_THROW(sleeping.get(), Cancelled);
}

TEST_F(PoolCancellationTest, LeavesTheDatabaseUp) {
    const auto pool = make_small_pool(url_);
    ASSERT_TRUE(test::await([&] { return indicator_.is_up(); }));
    auto sleeping = loop_.start(pool->run(&sleep_for_long), signal_);
    ASSERT_TRUE(await_statements("pg_sleep(600)", 1));
    // Runs next on the same thread, before anything else could say that the database is up.
    auto seen = loop_.start(pool->run([this](Connection&) { return indicator_.is_up(); }));
    loop_.cancel(signal_);
    EXPECT_THROW(sleeping.get(), Cancelled);
    EXPECT_TRUE(seen.get());
}

TEST_F(PoolCancellationTest, DoesNothingToWorkThatHasEnded) {
    const auto pool = make_small_pool(url_);
    EXPECT_EQ(loop_.start(pool->run(&select_number), signal_).get(), 42);
    const LockInUse in_use{url_, 1};
    auto next = loop_.start(pool->run(&select_number));
    loop_.cancel(signal_);
    EXPECT_EQ(next.get(), 42);
}

TEST_F(PoolCancellationTest, NeverHitsTheNextStatement) {
    // Statements about as long as a request to cancel takes: each round the two meet elsewhere.
    const auto pool = make_small_pool(url_);
    for (int i = 0; i < 300; ++i) {
        Blocker begun;
        begun.release();
        const auto sql = "SELECT pg_sleep(" + std::to_string(i % 15) + " * 0.0003)";
        const auto doze = [begun, sql](Connection& connection) mutable {
            begun(connection);
            connection.read([&](auto& transaction) { transaction.exec(sql); });
        };
        asio::cancellation_signal signal;
        auto first = loop_.start(pool->run(doze), signal);
        auto second = loop_.start(pool->run(&select_number));
        begun.await_running();
        loop_.cancel(signal);
        try {
            first.get();
        } catch (const Cancelled&) {
        }
        ASSERT_EQ(second.get(), 42) << i;
        loop_.await_turn();
    }
}

TEST_F(PoolCancellationTest, NeverHitsTheNextStatementWhenTheRequestIsSlow) {
    test::Relay relay{test::postgres_cluster().port()};
    const auto pool = make_small_pool(by(relay));
    ASSERT_EQ(loop_.start(pool->run(&select_number)).get(), 42);

    auto first_lock = std::make_unique<LockInUse>(url_, 1);
    auto second_lock = std::make_unique<LockInUse>(url_, 2);
    auto first = loop_.start(pool->run(WaitForLock{1}), signal_);
    ASSERT_TRUE(await_statements("lock(1)", 1));
    relay.hold();
    loop_.cancel(signal_);
    ASSERT_TRUE(test::await([&] { return relay.held() > 0; }));
    relay.pass();
    first_lock.reset();
    EXPECT_EQ(first.get(), 1) << "it has ended well before the server hears of the request";
    auto second = loop_.start(pool->run(WaitForLock{2}));
    ASSERT_TRUE(await_statements("lock(2)", 1));
    relay.release();
    ASSERT_TRUE(test::await([&] { return relay.ended() > 0; }));
    second_lock.reset();
    EXPECT_EQ(second.get(), 2);
}

TEST_F(PoolCancellationTest, StopsWithoutWaitingForALongStatement) {
    const auto pool = make_small_pool(url_);
    auto sleeping = loop_.start(pool->run(&sleep_for_long));
    ASSERT_TRUE(await_statements("pg_sleep(600)", 1));
    pool->stop();
    EXPECT_THROW(sleeping.get(), PoolStopped);
    EXPECT_TRUE(await_statements("pg_sleep(600)", 0));
}

TEST_F(PoolCancellationTest, StopsWithoutWaitingForAServerThatDoesNotReact) {
    const auto pool = make_small_pool(url_);
    const auto backend = loop_.start(pool->run(&backend_of)).get();
    auto sleeping = loop_.start(pool->run(&sleep_for_long));
    ASSERT_TRUE(await_statements("pg_sleep(600)", 1));
    ASSERT_EQ(::kill(backend, SIGSTOP), 0);
    pool->stop();
    EXPECT_THROW(sleeping.get(), PoolStopped);
    EXPECT_EQ(::kill(backend, SIGCONT), 0);
    EXPECT_TRUE(await_statements("pg_sleep(600)", 0));
}

}  // namespace
}  // namespace events::postgres
