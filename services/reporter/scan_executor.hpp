#pragma once

#include "common/postgres/error.hpp"
#include "common/segments/scan.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <iterator>
#include <list>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace events::reporter {

struct ScanLimits {
    std::size_t at_once = 2;  ///< that run; each may use all cores
    std::size_t queue = 64;   ///< that wait and run, at most
    std::chrono::milliseconds max_wait{30'000};
};

/// Runs what takes long, in the order it came, apart from the threads of what is short.
///
/// run() is for coroutines of one thread, the server's; stop() for any. Failure: PoolBusy,
/// PoolStopped, Cancelled, and what the work throws.
class ScanExecutor {
  public:
    explicit ScanExecutor(ScanLimits limits) : limits_{limits}, threads_{limits.at_once} {}
    ~ScanExecutor() { stop(); }
    ScanExecutor(const ScanExecutor&) = delete;
    ScanExecutor& operator=(const ScanExecutor&) = delete;

    /// Runs `work()`, which ends soon once `stop` is requested, and resumes the coroutine on its
    /// own executor. `work` holds values.
    ///
    /// Asio's cancellation has what waits leave the queue at once. It does not reach what runs,
    /// which only `stop` ends: Boost 1.81 takes it to the other executor by a pointer to what the
    /// end of the coroutine frees, and nothing keeps the two apart.
    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> run(Work work, std::stop_source stop) {
        Turn turn{*this, co_await boost::asio::this_coro::executor};
        co_await turn.come();
        // From here on stop() waits for the task: on threads that are gone it would never end.
        auto task =
            execute(std::move(work), std::move(stop), boost::asio::make_work_guard(threads_));
        if (stopping_.stop_requested()) throw postgres::PoolStopped{"shutting down"};
        co_return co_await boost::asio::co_spawn(
            threads_, std::move(task),
            boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot{},
                                                boost::asio::use_awaitable));
    }

    /// Ends what runs, what waits and what comes later with PoolStopped. May be called again.
    void stop() noexcept {
        stopping_.request_stop();
        threads_.join();
    }

  private:
    using Guard = boost::asio::executor_work_guard<boost::asio::thread_pool::executor_type>;

    /// A place of the queue, whose first `at_once` run.
    class Turn {
      public:
        Turn(ScanExecutor& executor, const boost::asio::any_io_executor& resumes_on)
            : executor_{executor}, timer_{resumes_on, executor.limits_.max_wait} {
            if (executor_.turns_.size() >= executor_.limits_.queue) {
                throw postgres::PoolBusy{"too many reports that take long"};
            }
            place_ = executor_.turns_.insert(executor_.turns_.end(), this);
        }
        ~Turn() {
            executor_.turns_.erase(place_);
            for (auto* turn : executor_.turns_) {
                if (turn->has_come()) turn->timer_.cancel();
            }
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        boost::asio::awaitable<void> come() {
            if (has_come()) co_return;
            boost::system::error_code cancelled;
            co_await timer_.async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
            if (has_come()) co_return;
            if (cancelled) throw postgres::Cancelled{"cancelled while it waited"};
            throw postgres::PoolBusy{"waited for too long"};
        }

      private:
        [[nodiscard]] bool has_come() const {
            const auto& turns = executor_.turns_;
            const auto before = static_cast<std::size_t>(std::distance(turns.begin(), place_));
            return before < executor_.limits_.at_once;
        }

        ScanExecutor& executor_;
        boost::asio::steady_timer timer_;
        std::list<Turn*>::const_iterator place_;
    };

    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> execute(Work work, std::stop_source stop,
                                                                Guard /*keeps the threads*/) {
        const std::stop_callback on_stop{stopping_.get_token(), [&] { stop.request_stop(); }};
        try {
            co_return work();
        } catch (const segments::Stopped&) {
            if (!stopping_.stop_requested()) throw postgres::Cancelled{"cancelled"};
        }
        throw postgres::PoolStopped{"shutting down"};
    }

    ScanLimits limits_;
    std::stop_source stopping_;
    std::list<Turn*> turns_;  ///< in the order of coming
    boost::asio::thread_pool threads_;
};

}  // namespace events::reporter
