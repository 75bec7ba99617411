#include "pool_fixture.hpp"

#include <gmock/gmock.h>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

void divide_by_zero(Connection& connection) {
    connection.read([](auto& transaction) { transaction.exec("SELECT 1 / 0"); });
}

TEST_F(PoolTest, GivesTheResultOfTheWork) {
    const auto pool = make_pool({});
    EXPECT_EQ(loop_.start(pool->run(&select_number)).get(), 42);
}

TEST_F(PoolTest, PreparesItsStatementsOnEveryConnection) {
    Pool pool{database(), {{"add", "SELECT $1::int + 1"}}, {}, indicator_, log_};
    const auto add = [](Connection& connection) {
        return connection.read([](auto& transaction) {
            return transaction.exec_prepared("add", 1)[0][0].template as<int>();
        });
    };
    std::vector<std::future<int>> answers;
    for (int i = 0; i < 16; ++i) answers.push_back(loop_.start(pool.run(add)));
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 2);
}

struct Threads {
    std::thread::id before;
    std::thread::id work;
    std::thread::id after;
};

std::thread::id this_thread(Connection&) {
    return std::this_thread::get_id();
}

asio::awaitable<Threads> observe_threads(Pool& pool) {
    Threads threads;
    threads.before = std::this_thread::get_id();
    threads.work = co_await pool.run(&this_thread);
    threads.after = std::this_thread::get_id();
    co_return threads;
}

TEST_F(PoolTest, WorksOnAThreadOfItsOwnAndResumesTheCoroutineOnItsExecutor) {
    const auto pool = make_pool({});
    const auto threads = loop_.start(observe_threads(*pool)).get();
    EXPECT_NE(threads.before, threads.work);
    EXPECT_EQ(threads.before, threads.after);
}

TEST_F(PoolTest, PassesTheExceptionOfTheWorkOn) {
    const auto pool = make_pool({.connections = 1});
    EXPECT_THROW(loop_.start(pool->run(&divide_by_zero)).get(), Refused);
    const auto throws = [](Connection&) -> int { throw std::domain_error{"mine"}; };
    EXPECT_THROW(loop_.start(pool->run(throws)).get(), std::domain_error);
    EXPECT_EQ(loop_.start(pool->run(&select_number)).get(), 42) << "and goes on";
}

TEST_F(PoolTest, RefusesWorkAtOnceWhenItsQueueIsFull) {
    const auto pool = make_pool({.connections = 1, .queue = 2});
    Blocker blocker;
    auto running = loop_.start(pool->run(blocker));
    blocker.await_running();
    auto first = loop_.start(pool->run(&select_number));
    auto second = loop_.start(pool->run(&select_number));
    auto third = loop_.start(pool->run(&select_number));
    EXPECT_THROW(third.get(), PoolBusy);
    blocker.release();
    EXPECT_EQ(running.get(), 7);
    EXPECT_EQ(first.get(), 42);
    EXPECT_EQ(second.get(), 42);
}

TEST_F(PoolTest, RunsWaitingWorkInTheOrderItCame) {
    const auto pool = make_pool({.connections = 1});
    Blocker blocker;
    auto running = loop_.start(pool->run(blocker));
    blocker.await_running();
    std::vector<int> order;
    std::vector<std::future<void>> waiting;
    for (int i = 0; i < 10; ++i) {
        waiting.push_back(loop_.start(pool->run([&order, i](Connection&) { order.push_back(i); })));
    }
    blocker.release();
    for (auto& future : waiting) future.get();
    EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(PoolTest, GivesUpWorkThatWaitedForTooLong) {
    const auto pool = make_pool({.connections = 1, .max_wait = 0ms});
    auto running = loop_.start(pool->run(&select_number));
    EXPECT_THROW(running.get(), PoolBusy);
}

TEST_F(PoolTest, LetsWorkWithoutAStatementEndAndRefusesTheRestWhenItStops) {
    const auto pool = make_pool({.connections = 1});
    Blocker blocker;
    auto running = loop_.start(pool->run(blocker));
    blocker.await_running();
    auto first = loop_.start(pool->run(&select_number));
    auto second = loop_.start(pool->run(&select_number));
    loop_.await_turn();
    const auto stopping = std::async(std::launch::async, [&pool] { pool->stop(); });
    EXPECT_THROW(first.get(), PoolStopped);
    EXPECT_THROW(second.get(), PoolStopped);
    EXPECT_THROW(loop_.start(pool->run(&select_number)).get(), PoolStopped);
    EXPECT_EQ(running.wait_for(0s), std::future_status::timeout);
    blocker.release();
    EXPECT_EQ(running.get(), 7);
    stopping.wait();
}

TEST_F(PoolTest, SaysThatTheDatabaseIsSilentWithoutSayingWhere) {
    const auto pool =
        make_pool({}, {.url = config::Secret{"postgresql://user:hunter2@127.0.0.1:1/none"},
                       .application_name = "pool-test"});
    EXPECT_THROW(loop_.start(pool->run(&select_number)).get(), Unavailable);
    ASSERT_TRUE(test::await([&] { return indicator_.reason() != "starting"; }));
    EXPECT_FALSE(indicator_.is_up());
    EXPECT_EQ(indicator_.reason(), "the database does not answer");
}

TEST_F(PoolTest, StaysUpWhenOneStatementTakesTooLong) {
    auto slow = database();
    slow.statement_timeout = 2s;
    const auto pool = make_pool({.connections = 1, .ping_interval = 1h}, slow);
    ASSERT_TRUE(test::await([&] { return indicator_.is_up(); }));
    auto sleeping = loop_.start(pool->run(&sleep_for_long));
    // Runs next on the same thread, before anything else could say that the database is up.
    auto seen = loop_.start(pool->run([this](Connection&) { return indicator_.is_up(); }));
    EXPECT_THROW(sleeping.get(), TookTooLong);
    EXPECT_TRUE(seen.get());
}

TEST_F(PoolTest, FollowsADatabaseThatGoesAndComesBackWithoutWork) {
    test::PostgresCluster cluster;
    const auto pool = make_pool(
        {.ping_interval = 20ms},
        {.url = config::Secret{cluster.make_database()}, .application_name = "pool-test"});
    ASSERT_TRUE(test::await([&] { return indicator_.is_up(); }));
    cluster.kill();
    EXPECT_TRUE(test::await([&] { return !indicator_.is_up(); }));
    cluster.restart();
    EXPECT_TRUE(test::await([&] { return indicator_.is_up(); }));
    EXPECT_EQ(loop_.start(pool->run(&select_number)).get(), 42);
}

TEST_F(PoolTest, HidesFromItsWorkThatTheDatabaseRestartedMeanwhile) {
    test::PostgresCluster cluster;
    const auto pool = make_pool(
        {.fresh = 0ms, .ping_interval = 1h},
        {.url = config::Secret{cluster.make_database()}, .application_name = "pool-test"});
    EXPECT_EQ(loop_.start(pool->run(&select_number)).get(), 42);
    cluster.restart();
    std::vector<std::future<int>> answers;
    for (int i = 0; i < 16; ++i) answers.push_back(loop_.start(pool->run(&select_number)));
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 42);
}

TEST_F(PoolTest, ServesManyThreads) {
    Loop many{4};
    const auto pool = make_pool({.connections = 4, .queue = 1'000});
    std::vector<std::future<int>> answers;
    for (int i = 0; i < 400; ++i) answers.push_back(many.start(pool->run(&select_number)));
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 42);
    pool->stop();
}

}  // namespace
}  // namespace events::postgres
