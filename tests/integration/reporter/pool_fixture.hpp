#pragma once

#include "common/postgres/pool.hpp"
#include "support/await.hpp"
#include "support/postgres_cluster.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace events::postgres {

namespace asio = boost::asio;

/// An io_context that runs on threads of its own.
class Loop {
  public:
    explicit Loop(int threads = 1) {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { context_.run(); });
    }
    ~Loop() { context_.stop(); }

    template <typename T>
    std::future<T> start(asio::awaitable<T> coroutine) {
        return asio::co_spawn(context_, std::move(coroutine), asio::use_future);
    }

    /// The same for one that can be cancelled.
    template <typename T>
    std::future<T> start(asio::awaitable<T> coroutine, asio::cancellation_signal& signal) {
        return asio::co_spawn(context_, std::move(coroutine),
                              asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    }
    /// Where the coroutine runs, as Asio demands; `signal` must live until it has ended.
    void cancel(asio::cancellation_signal& signal) {
        asio::post(context_, [&signal] { signal.emit(asio::cancellation_type::terminal); });
    }
    /// Waits until what was asked of this thread before has been done.
    void await_turn() { asio::post(context_, asio::use_future).get(); }

  private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
    std::vector<std::jthread> threads_;
};

inline int select_number(Connection& connection) {
    return connection.read([](auto& transaction) {
        return transaction.exec("SELECT 40 + 2")[0][0].template as<int>();
    });
}

inline void sleep_for_long(Connection& connection) {
    connection.read([](auto& transaction) { transaction.exec("SELECT pg_sleep(600)"); });
}

/// Work that holds its thread until it is released.
class Blocker {
  public:
    int operator()(Connection&) {
        state_->running.count_down();
        state_->released.wait();
        return 7;
    }
    void await_running() const { state_->running.wait(); }
    void release() { state_->released.count_down(); }

  private:
    struct State {
        std::latch running{1};
        std::latch released{1};
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

class PoolTest : public ::testing::Test {
  protected:
    static Options database() {
        return {.url = config::Secret{test::postgres_cluster().make_database()},
                .application_name = "pool-test",
                .connect_timeout = std::chrono::seconds{30}};
    }

    std::unique_ptr<Pool> make_pool(PoolOptions options, Options options_of_database = database()) {
        return std::make_unique<Pool>(options_of_database, std::vector<Statement>{}, options,
                                      indicator_, log_);
    }

    logging::Logger log_{"pool-test", {.level = logging::Level::fatal}};
    metrics::Registry metrics_;
    health::Registry health_{metrics_};
    health::Indicator& indicator_ = health_.add("postgres");
    Loop loop_;
};

}  // namespace events::postgres
