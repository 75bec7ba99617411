#include "common/postgres/pool.hpp"

#include "common/postgres/error.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace events::postgres {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// How often to try a database that does not answer.
constexpr std::chrono::milliseconds kRetry = 500ms;

/// What a server has to react to the requests to cancel when the pool stops; then it is hung up on,
/// again and again, since a thread may make a new connection.
constexpr std::chrono::milliseconds kCancelPatience = 500ms;
constexpr std::chrono::milliseconds kHangUpAgain = 50ms;

/// What a coroutine's cancellation slot holds: nothing that it would keep alive.
struct CancelTask {
    std::weak_ptr<WorkQueue> queue;
    std::weak_ptr<Task> task;

    void operator()(asio::cancellation_type type) const {
        if (type == asio::cancellation_type::none) return;
        const auto its_queue = queue.lock();
        const auto its_task = task.lock();
        if (its_queue && its_task) its_queue->cancel(its_task);
    }
};

std::exception_ptr error_of(Fate fate) {
    if (fate == Fate::cancelled) return std::make_exception_ptr(Cancelled{"cancelled"});
    return std::make_exception_ptr(PoolStopped{"shutting down"});
}

}  // namespace

struct Pool::Worker {
    Connection connection;
    bool usable = false;  ///< the last use of the connection went well
    Clock::time_point answered{};
};

Pool::Pool(const Options& database, const std::vector<Statement>& statements, PoolOptions options,
           health::Indicator& indicator, logging::Logger log)
    : options_{options},
      indicator_{indicator},
      log_{std::move(log)},
      queue_{std::make_shared<WorkQueue>(options_.queue, options_.connections)} {
    for (std::size_t i = 0; i < options_.connections; ++i) {
        workers_.push_back(std::make_unique<Worker>(Worker{.connection = {database, statements}}));
    }
    if (!options_.paused) start();
}

void Pool::start() {
    {
        const std::lock_guard lock{mutex_};
        serving_ = options_.connections;
    }
    for (const auto& worker : workers_) threads_.emplace_back([this, &worker] { serve(*worker); });
}

Pool::~Pool() {
    stop();
}

void Pool::stop() noexcept {
    queue_->stop();
    bool ended = await_threads(kCancelPatience);
    while (!ended) {
        for (const auto& worker : workers_) worker->connection.interrupter()->hang_up();
        ended = await_threads(kHangUpAgain);
    }
    threads_.clear();  // joins
}

bool Pool::await_threads(std::chrono::milliseconds patience) {
    std::unique_lock lock{mutex_};
    return ended_.wait_for(lock, patience, [this] { return serving_ == 0; });
}

asio::awaitable<void> Pool::perform(Job job) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        Enqueue{this}, asio::use_awaitable, std::move(job));
}

void Pool::enqueue(Handler handler, const asio::any_io_executor& executor,
                   asio::cancellation_slot slot, Job job) {
    const auto task = std::make_shared<Task>(Task{.job = std::move(job),
                                                  .handler = std::move(handler),
                                                  .guard = asio::make_work_guard(executor),
                                                  .runs_on = nullptr});
    // Before it can be resumed, by another thread, and use its slot for something else.
    if (slot.is_connected()) slot.assign(CancelTask{queue_, task});
    try {
        queue_->push(task);
    } catch (...) {
        complete(*task, std::current_exception());
    }
}

void Pool::serve(Worker& worker) {
    probe(worker);
    while (!queue_->stopped()) {
        const auto pause =
            worker.usable ? options_.ping_interval : std::min(options_.ping_interval, kRetry);
        if (const auto task = queue_->take(pause)) {
            execute(worker, task);
        } else if (!queue_->stopped()) {
            probe(worker);
        }
    }
    const std::lock_guard lock{mutex_};
    --serving_;
    ended_.notify_all();
}

Pool::Outcome Pool::attempt(Worker& worker, const TaskPtr& task) {
    Outcome outcome;
    try {
        if (Clock::now() - task->since > options_.max_wait) throw PoolBusy{"waited for too long"};
        // Before it begins: a ping that is cancelled would make the database look dead.
        if (worker.usable && Clock::now() - worker.answered > options_.fresh) probe(worker);
        outcome.begun = queue_->begin(task, worker.connection.interrupter());
        if (outcome.begun) task->job(worker.connection);
    } catch (const Unavailable&) {
        outcome.error = std::current_exception();
        outcome.doubtful = true;
    } catch (...) {
        outcome.error = std::current_exception();
    }
    return outcome;
}

void Pool::execute(Worker& worker, const TaskPtr& task) {
    auto outcome = attempt(worker, task);
    const auto fate = queue_->end(task);
    const bool in_vain = outcome.error || !outcome.begun;
    if (in_vain && fate != Fate::none) outcome.error = error_of(fate);
    complete(*task, std::move(outcome.error));
    if (!outcome.begun) return;
    if (fate != Fate::none) {
        clean(worker.connection);
        outcome.doubtful = true;
    }
    if (queue_->stopped()) return;
    if (outcome.doubtful) {
        probe(worker);
    } else {
        worker.usable = true;
        worker.answered = Clock::now();
        database_answers();
    }
}

/// Leaves a connection that was to be interrupted as the next task must find it.
void Pool::clean(Connection& connection) {
    if (queue_->settle(connection.interrupter(), options_.cancel_patience)) {
        connection.leave_transaction();
    } else {
        connection.close();
    }
}

bool Pool::probe(Worker& worker) {
    // A connection that worked before may have broken since; a new one tells about the database.
    for (int attempts = worker.usable ? 2 : 1; attempts > 0; --attempts) {
        if (queue_->stopped()) return false;
        try {
            worker.connection.ping();
            worker.usable = true;
            worker.answered = Clock::now();
            database_answers();
            return true;
        } catch (const std::exception& error) {
            worker.usable = false;
            if (attempts == 1) database_is_silent(error);
        }
    }
    return false;
}

void Pool::database_answers() {
    indicator_.up();
    if (silence_logged_.exchange(kAnswered) != kAnswered) log_.info("the database answers again");
}

void Pool::database_is_silent(const std::exception& error) {
    indicator_.down(readiness_of(error));
    const auto* unavailable = dynamic_cast<const Unavailable*>(&error);
    const auto cause = unavailable != nullptr ? unavailable->cause() : Cause::failed;
    // Once for each cause, in turn.
    if (silence_logged_.exchange(static_cast<int>(cause)) != static_cast<int>(cause)) {
        log_.warn(headline(cause), {{"err", error.what()}});
    }
}

}  // namespace events::postgres
