#pragma once

#include "common/postgres/canceller.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace events::postgres {

class Connection;
class Interrupter;

/// What became of a task from outside.
enum class Fate : std::uint8_t { none, cancelled, stopped };

/// Work and whom to resume after it; the guard keeps the coroutine's executor running.
struct Task {
    std::function<void(Connection&)> job;
    boost::asio::any_completion_handler<void(std::exception_ptr)> handler;
    boost::asio::executor_work_guard<boost::asio::any_io_executor> guard;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

    Fate fate = Fate::none;                ///< the queue's
    std::shared_ptr<Interrupter> runs_on;  ///< the queue's; null while it does not run
};
using TaskPtr = std::shared_ptr<Task>;

/// Resumes the task's coroutine on its executor, once. The task is of no use afterwards.
void complete(Task& task, std::exception_ptr error);

/// A pool's work: bounded, in order, and to be cancelled at any moment.
///
/// A task is pushed, taken by a thread, begun on that thread's connection, and ended there. Those
/// that leave the queue otherwise are completed here: with Cancelled, or with PoolStopped.
/// Thread-safe.
class WorkQueue {
  public:
    /// `places` for tasks that wait while all `threads` are busy.
    WorkQueue(std::size_t places, std::size_t threads) : room_{places + threads} {}

    /// Throws PoolBusy when all places are taken, PoolStopped after stop().
    void push(TaskPtr task);

    /// The task that waited the longest, null when none came for `pause` or after stop().
    [[nodiscard]] TaskPtr take(std::chrono::milliseconds pause);

    /// From here on its statements are cancelled with it. False when that is no longer needed: it
    /// must not run.
    [[nodiscard]] bool begin(const TaskPtr& task, std::shared_ptr<Interrupter> connection);

    /// It has ended, or did not begin. Unless the answer is Fate::none, settle() its connection.
    Fate end(const TaskPtr& task);

    /// Waits for what end() left under way; false: the connection must be dropped.
    [[nodiscard]] bool settle(const std::shared_ptr<Interrupter>& connection,
                              std::chrono::milliseconds patience) {
        return canceller_.release(connection, patience);
    }

    /// Frees the place of a task that waits, cancels the statement of one that runs, and does
    /// nothing to one that has ended.
    void cancel(const TaskPtr& task);

    /// Cancels all, and refuses what comes.
    void stop();
    [[nodiscard]] bool stopped() const;

  private:
    void doom(Task& task, Fate fate);

    std::size_t room_;  ///< for tasks that wait and that run
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<TaskPtr> waiting_;
    std::vector<TaskPtr> taken_;
    bool stopped_ = false;
    Canceller canceller_;
};

}  // namespace events::postgres
