#include "common/postgres/work_queue.hpp"

#include "common/postgres/error.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace events::postgres {
namespace {

/// The exception is moved all the way, so that no two threads ever share it.
struct Resume {
    boost::asio::any_completion_handler<void(std::exception_ptr)> handler;
    std::exception_ptr error;

    void operator()() { std::move(handler)(std::move(error)); }
};

}  // namespace

void complete(Task& task, std::exception_ptr error) {
    const auto guard = std::move(task.guard);  // the executor may end once this has returned
    boost::asio::post(guard.get_executor(), Resume{std::move(task.handler), std::move(error)});
}

void WorkQueue::push(TaskPtr task) {
    {
        const std::lock_guard lock{mutex_};
        if (stopped_) throw PoolStopped{"shutting down"};
        if (waiting_.size() + taken_.size() >= room_) throw PoolBusy{"too much work is waiting"};
        waiting_.push_back(std::move(task));
    }
    changed_.notify_one();
}

TaskPtr WorkQueue::take(std::chrono::milliseconds pause) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, pause, [this] { return stopped_ || !waiting_.empty(); });
    if (waiting_.empty()) return nullptr;
    taken_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    return taken_.back();
}

bool WorkQueue::begin(const TaskPtr& task, std::shared_ptr<Interrupter> connection) {
    const std::lock_guard lock{mutex_};
    if (task->fate != Fate::none) return false;
    task->runs_on = std::move(connection);
    return true;
}

Fate WorkQueue::end(const TaskPtr& task) {
    const std::lock_guard lock{mutex_};
    std::erase(taken_, task);
    return task->fate;
}

void WorkQueue::doom(Task& task, Fate fate) {
    if (task.fate != Fate::none) return;
    task.fate = fate;
    if (task.runs_on) canceller_.want(task.runs_on);
}

void WorkQueue::cancel(const TaskPtr& task) {
    {
        const std::lock_guard lock{mutex_};
        if (std::ranges::find(taken_, task) != taken_.end()) doom(*task, Fate::cancelled);
        if (std::erase(waiting_, task) == 0) return;
    }
    complete(*task, std::make_exception_ptr(Cancelled{"cancelled while it waited"}));
}

void WorkQueue::stop() {
    std::deque<TaskPtr> abandoned;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        abandoned.swap(waiting_);
        for (const auto& task : taken_) doom(*task, Fate::stopped);
    }
    changed_.notify_all();
    for (const auto& task : abandoned) {
        complete(*task, std::make_exception_ptr(PoolStopped{"shutting down"}));
    }
}

bool WorkQueue::stopped() const {
    const std::lock_guard lock{mutex_};
    return stopped_;
}

}  // namespace events::postgres
