#pragma once

#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace events::postgres {

/// Too much is waiting already, or this has waited for too long: nothing was asked of the database.
class PoolBusy : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct PoolOptions {
    std::size_t connections = 4;
    std::size_t queue = 64;  ///< work that waits for a thread, at most; 1 at least
    std::chrono::milliseconds max_wait{30'000};      ///< in the queue; then PoolBusy
    std::chrono::milliseconds fresh{500};            ///< used this recently: no ping before its use
    std::chrono::milliseconds ping_interval{2'000};  ///< of an idle connection
};

/// A fixed number of threads, each with a connection of its own, behind a bounded queue: blocking
/// database work for coroutines that must not block.
///
/// The indicator follows the database: an idle thread pings it each ping_interval, and work that
/// failed is followed by a ping, so that one slow statement doesn't make the database look dead. A
/// connection that was idle is pinged before it is used, so that work rarely meets one that broke
/// meanwhile.
///
/// Thread-safe. Failure: PoolBusy, Unavailable (also after stop()), and what the work throws.
class Pool {
  public:
    Pool(const Options& database, const std::vector<Statement>& statements, PoolOptions options,
         health::Indicator& indicator, logging::Logger log);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Runs `work(connection)` on a thread of the pool and resumes the coroutine, with its result
    /// or its exception, on the coroutine's own executor. `work` is copyable and holds values.
    /// The executor must live until then: stop() the pool before it ends.
    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Connection&>> run(Work work) {
        using Result = std::invoke_result_t<Work&, Connection&>;
        // Shared, since the coroutine may be destroyed while the work runs.
        auto result = std::make_shared<Slot<Result>>();
        Job job = Storing<Work, Result>{std::move(work), result};
        co_await perform(std::move(job));
        if constexpr (!std::is_void_v<Result>) co_return std::move(**result);
    }

    /// Lets running work end, completes waiting work with Unavailable, refuses new work. May be
    /// called again.
    void stop() noexcept;

  private:
    using Job = std::function<void(Connection&)>;
    using Handler = boost::asio::any_completion_handler<void(std::exception_ptr)>;

    /// Work and whom to resume after it; the guard keeps the coroutine's executor running.
    struct Waiting {
        Job job;
        Handler handler;
        boost::asio::executor_work_guard<boost::asio::any_io_executor> guard;
        std::chrono::steady_clock::time_point since;
    };

    /// A thread's connection, and when the database last answered on it.
    struct Worker;

    template <typename Result>
    using Slot = std::optional<std::conditional_t<std::is_void_v<Result>, std::monostate, Result>>;

    /// A lambda's place: GCC 12 destroys captures twice in a co_await expression.
    template <typename Work, typename Result>
    struct Storing {
        Work work;
        std::shared_ptr<Slot<Result>> result;

        void operator()(Connection& connection) {
            if constexpr (std::is_void_v<Result>) {
                work(connection);
            } else {
                result->emplace(work(connection));
            }
        }
    };

    struct Enqueue {
        Pool* pool;

        template <typename Completion>
        void operator()(Completion&& completion, Job job) const {
            // Taken before the completion is moved from.
            boost::asio::any_io_executor executor =
                boost::asio::get_associated_executor(completion);
            pool->enqueue(Handler{std::forward<Completion>(completion)}, std::move(executor),
                          std::move(job));
        }
    };

    boost::asio::awaitable<void> perform(Job job);
    void enqueue(Handler handler, boost::asio::any_io_executor executor, Job job);
    void serve(Options database, std::vector<Statement> statements);
    void execute(Worker& worker, Waiting waiting);
    bool probe(Worker& worker);
    void database_answers();
    void database_is_silent(std::string_view why);

    static void complete(Waiting waiting, std::exception_ptr error);

    PoolOptions options_;
    health::Indicator& indicator_;
    logging::Logger log_;
    std::atomic<bool> silence_logged_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> waiting_;  // guarded by mutex_
    bool stopping_ = false;        // guarded by mutex_
    std::vector<std::jthread> threads_;
};

}  // namespace events::postgres
