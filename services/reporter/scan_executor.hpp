#pragma once

#include "common/postgres/error.hpp"
#include "common/segments/scan.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
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
/// Thread-safe. Failure: PoolBusy, PoolStopped, Cancelled, and what the work throws.
class ScanExecutor {
  public:
    explicit ScanExecutor(ScanLimits limits) : limits_{limits}, threads_{limits.at_once} {}
    ~ScanExecutor() { stop(); }
    ScanExecutor(const ScanExecutor&) = delete;
    ScanExecutor& operator=(const ScanExecutor&) = delete;

    /// Runs `work()`, which ends soon once `stop` is requested, and resumes the coroutine on its
    /// own executor. `work` holds values.
    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> run(Work work, std::stop_source stop) {
        const Place place{taken_, limits_.queue};
        // From here on stop() waits for the task: on threads that are gone it would never end.
        auto task = execute(std::move(work), std::move(stop), Clock::now(),
                            boost::asio::make_work_guard(threads_));
        if (stopping_.stop_requested()) throw postgres::PoolStopped{"shutting down"};
        co_return co_await boost::asio::co_spawn(threads_, std::move(task),
                                                 boost::asio::use_awaitable);
    }

    /// Ends what runs, what waits and what comes later with PoolStopped. May be called again.
    void stop() noexcept {
        stopping_.request_stop();
        threads_.join();
    }

  private:
    using Clock = std::chrono::steady_clock;
    using Guard = boost::asio::executor_work_guard<boost::asio::thread_pool::executor_type>;

    /// One of the queue's places.
    class Place {
      public:
        Place(std::atomic<std::size_t>& taken, std::size_t places) : taken_{taken} {
            if (taken_.fetch_add(1) < places) return;
            --taken_;
            throw postgres::PoolBusy{"too many reports that take long"};
        }
        ~Place() { --taken_; }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

      private:
        std::atomic<std::size_t>& taken_;
    };

    template <typename Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> execute(Work work, std::stop_source stop,
                                                                Clock::time_point since,
                                                                Guard /*keeps the threads*/) {
        if (Clock::now() - since > limits_.max_wait) {
            throw postgres::PoolBusy{"waited for too long"};
        }
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
    std::atomic<std::size_t> taken_{0};
    boost::asio::thread_pool threads_;
};

}  // namespace events::reporter
