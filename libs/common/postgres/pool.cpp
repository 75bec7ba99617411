#include "common/postgres/pool.hpp"

#include "common/postgres/error.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace events::postgres {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// How often to try a database that does not answer.
constexpr std::chrono::milliseconds kRetry = 500ms;

}  // namespace

struct Pool::Worker {
    Connection connection;
    bool usable = false;  ///< the last use of the connection went well
    Clock::time_point answered{};
};

Pool::Pool(const Options& database, const std::vector<Statement>& statements, PoolOptions options,
           health::Indicator& indicator, logging::Logger log)
    : options_{options}, indicator_{indicator}, log_{std::move(log)} {
    for (std::size_t i = 0; i < options_.connections; ++i) {
        threads_.emplace_back(&Pool::serve, this, database, statements);
    }
}

Pool::~Pool() {
    stop();
}

void Pool::stop() noexcept {
    std::deque<Waiting> abandoned;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        abandoned.swap(waiting_);
    }
    wake_.notify_all();
    for (auto& waiting : abandoned) {
        complete(std::move(waiting), std::make_exception_ptr(Unavailable{"shutting down"}));
    }
    threads_.clear();  // joins
}

asio::awaitable<void> Pool::perform(Job job) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        Enqueue{this}, asio::use_awaitable, std::move(job));
}

void Pool::enqueue(Handler handler, asio::any_io_executor executor, Job job) {
    Waiting waiting{std::move(job), std::move(handler), asio::make_work_guard(executor),
                    Clock::now()};
    std::exception_ptr refusal;
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) {
            refusal = std::make_exception_ptr(Unavailable{"shutting down"});
        } else if (waiting_.size() >= options_.queue) {
            refusal = std::make_exception_ptr(PoolBusy{"too much work is waiting"});
        } else {
            waiting_.push_back(std::move(waiting));
        }
    }
    if (refusal) {
        complete(std::move(waiting), std::move(refusal));
    } else {
        wake_.notify_one();
    }
}

void Pool::complete(Waiting waiting, std::exception_ptr error) {
    // The exception is moved all the way, so that no two threads ever share it.
    struct Resume {
        Handler handler;
        std::exception_ptr error;
        void operator()() { std::move(handler)(std::move(error)); }
    };
    asio::post(waiting.guard.get_executor(), Resume{std::move(waiting.handler), std::move(error)});
}

void Pool::serve(Options database, std::vector<Statement> statements) {
    Worker worker{.connection = Connection{std::move(database), std::move(statements)}};
    probe(worker);
    for (;;) {
        std::unique_lock lock{mutex_};
        const auto pause =
            worker.usable ? options_.ping_interval : std::min(options_.ping_interval, kRetry);
        wake_.wait_for(lock, pause, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        if (waiting_.empty()) {
            lock.unlock();
            probe(worker);
            continue;
        }
        auto waiting = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        execute(worker, std::move(waiting));
    }
}

void Pool::execute(Worker& worker, Waiting waiting) {
    if (Clock::now() - waiting.since > options_.max_wait) {
        complete(std::move(waiting), std::make_exception_ptr(PoolBusy{"waited for too long"}));
        return;
    }
    if (worker.usable && Clock::now() - worker.answered > options_.fresh) probe(worker);
    std::exception_ptr error;
    bool failed = false;
    try {
        waiting.job(worker.connection);
    } catch (const Unavailable&) {
        error = std::current_exception();
        failed = true;
    } catch (...) {
        error = std::current_exception();
    }
    complete(std::move(waiting), std::move(error));
    if (failed) {
        probe(worker);
    } else {
        worker.usable = true;
        worker.answered = Clock::now();
        database_answers();
    }
}

bool Pool::probe(Worker& worker) {
    // A connection that worked before may have broken since; a new one tells about the database.
    for (int attempts = worker.usable ? 2 : 1; attempts > 0; --attempts) {
        try {
            worker.connection.ping();
            worker.usable = true;
            worker.answered = Clock::now();
            database_answers();
            return true;
        } catch (const std::exception& error) {
            worker.usable = false;
            if (attempts == 1) database_is_silent(error.what());
        }
    }
    return false;
}

void Pool::database_answers() {
    indicator_.up();
    if (silence_logged_.exchange(false)) log_.info("the database answers again");
}

void Pool::database_is_silent(std::string_view why) {
    indicator_.down("the database does not answer");
    if (!silence_logged_.exchange(true)) log_.warn("the database does not answer", {{"err", why}});
}

}  // namespace events::postgres
