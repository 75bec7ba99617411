#pragma once

#include "common/health/registry.hpp"
#include "common/logging/logger.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/work_queue.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace events::postgres {

struct PoolOptions {
    std::size_t connections = 4;
    std::size_t queue = 64;  ///< work that waits while all threads are busy, at most; 1 at least
    std::chrono::milliseconds max_wait{30'000};      ///< in the queue; then PoolBusy
    std::chrono::milliseconds fresh{500};            ///< used this recently: no ping before its use
    std::chrono::milliseconds ping_interval{2'000};  ///< of an idle connection
    /// For a request to cancel that is still under way when its statement has ended, then the
    /// connection is dropped; a server that works needs a few milliseconds.
    std::chrono::milliseconds cancel_patience{500};
    bool paused = false;  ///< asks nothing of the database, and leaves the indicator, until start()
};

/// A fixed number of threads, each with a connection of its own, behind a bounded queue: blocking
/// database work for coroutines that must not block.
///
/// The indicator follows the database: an idle thread pings it each ping_interval, and work that
/// failed is followed by a ping, so that one slow statement doesn't make the database look dead. A
/// connection that was idle is pinged before it is used, so that work rarely meets one that broke
/// meanwhile.
///
/// Thread-safe. Failure: PoolBusy, Unavailable (TookTooLong for a statement that reached its
/// timeout, PoolStopped after stop()), Cancelled, and what the work throws.
class Pool {
  public:
    Pool(const Options& database, const std::vector<Statement>& statements, PoolOptions options,
         health::Indicator& indicator, logging::Logger log);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Begins to work; for a pool that was made paused. Call once, and before stop().
    void start();

    /// Runs `work(connection)` on a thread of the pool and resumes the coroutine, with its result
    /// or its exception, on the coroutine's own executor. `work` is copyable and holds values.
    /// The executor must live until then: stop() the pool before it ends.
    ///
    /// Supports Asio's cancellation, of any type: work that waits leaves the queue at once; of work
    /// that runs the statement is cancelled in the server, and its connection stays usable. Throws
    /// Cancelled, unless the work had ended well before. Work that does nothing but SQL ends soon.
    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&, Connection&>> run(Work work) {
        using Result = std::invoke_result_t<Work&, Connection&>;
        // Shared, since the coroutine may be destroyed while the work runs.
        auto result = std::make_shared<Slot<Result>>();
        Job job = Storing<Work, Result>{std::move(work), result};
        co_await perform(std::move(job));
        if constexpr (!std::is_void_v<Result>) co_return std::move(**result);
    }

    /// Completes waiting work with PoolStopped, cancels the statements of running work, which ends
    /// with PoolStopped as well unless it ends well, and refuses new work. A server that does not
    /// react is hung up on. Waits for the threads: for work that ignores all this, and for a
    /// connection that is just being made (connect_timeout). May be called again.
    void stop() noexcept;

  private:
    using Job = std::function<void(Connection&)>;
    using Handler = boost::asio::any_completion_handler<void(std::exception_ptr)>;

    /// A thread's connection, and when the database last answered on it.
    struct Worker;

    /// How a task went on its thread.
    struct Outcome {
        std::exception_ptr error;
        bool begun = false;
        bool doubtful = false;  ///< whether the database answers
    };

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
            const boost::asio::any_io_executor executor =
                boost::asio::get_associated_executor(completion);
            const auto slot = boost::asio::get_associated_cancellation_slot(completion);
            pool->enqueue(Handler{std::forward<Completion>(completion)}, executor, slot,
                          std::move(job));
        }
    };

    boost::asio::awaitable<void> perform(Job job);
    void enqueue(Handler handler, const boost::asio::any_io_executor& executor,
                 boost::asio::cancellation_slot slot, Job job);
    void serve(Worker& worker);
    void execute(Worker& worker, const TaskPtr& task);
    Outcome attempt(Worker& worker, const TaskPtr& task);
    void clean(Connection& connection);
    bool probe(Worker& worker);
    void database_answers();
    void database_is_silent(const std::exception& error);
    bool await_threads(std::chrono::milliseconds patience);

    PoolOptions options_;
    health::Indicator& indicator_;
    logging::Logger log_;
    static constexpr int kAnswered = -1;
    std::atomic<int> silence_logged_{kAnswered};  ///< else the cause that was logged last
    /// Shared with the cancellation slots of coroutines, which may outlive the pool.
    std::shared_ptr<WorkQueue> queue_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::size_t serving_ = 0;  ///< threads; guarded by mutex_
    std::vector<std::jthread> threads_;
};

}  // namespace events::postgres
