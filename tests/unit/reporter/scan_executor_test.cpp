#include "reporter/scan_executor.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <thread>

namespace events::reporter {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Work that ends when it is told to, or stopped.
struct Work {
    std::shared_ptr<std::latch> begun = std::make_shared<std::latch>(1);
    std::shared_future<int> result{};
    std::stop_token stop{};

    int operator()() const {
        begun->count_down();
        while (result.wait_for(1ms) != std::future_status::ready) {
            if (stop.stop_requested()) throw segments::Stopped{};
        }
        return result.get();
    }
};

class ScanExecutorTest : public ::testing::Test {
  protected:
    ~ScanExecutorTest() override {
        executor_.stop();
        guard_.reset();
    }
    std::future<int> start(Work work, const std::stop_source& stop = {}) {
        return asio::co_spawn(io_, executor_.run(std::move(work), stop), asio::use_future);
    }
    std::future<int> start(Work work, asio::cancellation_signal& signal,
                           const std::stop_source& stop = {}) {
        return asio::co_spawn(io_, executor_.run(std::move(work), stop),
                              asio::bind_cancellation_slot(signal.slot(), asio::use_future));
    }
    /// On the thread of the coroutines.
    void cancel(asio::cancellation_signal& signal) {
        asio::post(io_, asio::use_future([&] { signal.emit(asio::cancellation_type::terminal); }))
            .get();
    }
    Work waiting(const std::stop_source& stop = {}) {
        return {.result = end_.get_future().share(), .stop = stop.get_token()};
    }
    static Work ready(int value) {
        std::promise<int> promise;
        promise.set_value(value);
        return {.result = promise.get_future().share()};
    }

    std::promise<int> end_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io_);
    std::jthread loop_{[this] { io_.run(); }};
    ScanExecutor executor_{{.at_once = 1, .queue = 2}};
};

TEST_F(ScanExecutorTest, RunsInTheOrderOfComingAndRefusesMoreThanItsQueue) {
    const auto work = waiting();
    auto first = start(work);
    work.begun->wait();
    auto second = start(ready(2));
    EXPECT_THROW(start(ready(3)).get(), postgres::PoolBusy);
    end_.set_value(1);
    EXPECT_EQ(first.get(), 1);
    EXPECT_EQ(second.get(), 2);
    EXPECT_EQ(start(ready(4)).get(), 4) << "the places are free again";
}

TEST_F(ScanExecutorTest, EndsWhatIsCancelled) {
    std::stop_source stop;
    const auto work = waiting(stop);
    auto cancelled = start(work, stop);
    work.begun->wait();
    stop.request_stop();
    EXPECT_THROW(cancelled.get(), postgres::Cancelled);
}

TEST_F(ScanExecutorTest, GivesThePlaceOfWhatIsCancelledWhileItWaitsBackAtOnce) {
    const auto work = waiting();
    auto running = start(work);
    work.begun->wait();
    asio::cancellation_signal signal;
    auto cancelled = start(ready(2), signal);
    cancel(signal);
    EXPECT_THROW(cancelled.get(), postgres::Cancelled);
    auto next = start(ready(3));
    end_.set_value(1);
    EXPECT_EQ(running.get(), 1);
    EXPECT_EQ(next.get(), 3);
}

TEST_F(ScanExecutorTest, RefusesWhatWaitsTooLongWhileOthersRun) {
    ScanExecutor impatient{{.at_once = 1, .max_wait = 1ms}};
    const auto work = waiting();
    auto running = asio::co_spawn(io_, impatient.run(work, std::stop_source{}), asio::use_future);
    work.begun->wait();
    auto late = asio::co_spawn(io_, impatient.run(ready(2), std::stop_source{}), asio::use_future);
    EXPECT_THROW(late.get(), postgres::PoolBusy);
    end_.set_value(1);
    EXPECT_EQ(running.get(), 1);
}

// Boost 1.81 took it to the pool's thread by a pointer that the end of the work had freed.
TEST_F(ScanExecutorTest, LetsNoCancellationMeetTheEndOfTheWork) {
    for (int round = 0; round < 300; ++round) {
        asio::cancellation_signal signal;
        auto work = ready(1);
        auto racing = start(work, signal);
        work.begun->wait();
        cancel(signal);
        EXPECT_EQ(racing.get(), 1);
    }
}

TEST_F(ScanExecutorTest, EndsAllWhenItStops) {
    std::stop_source stop;
    const auto work = waiting(stop);
    auto running = start(work, stop);
    work.begun->wait();
    auto also = start(work, stop);
    executor_.stop();
    EXPECT_THROW(running.get(), postgres::PoolStopped);
    EXPECT_THROW(also.get(), postgres::PoolStopped);
}

TEST_F(ScanExecutorTest, RefusesWhatComesAfterItsStop) {
    executor_.stop();
    auto late = start(ready(1));
    ASSERT_EQ(late.wait_for(1min), std::future_status::ready);
    EXPECT_THROW(late.get(), postgres::PoolStopped);
}

TEST_F(ScanExecutorTest, LeavesNothingUnansweredThatComesWhileItStops) {
    for (int round = 0; round < 300; ++round) {
        ScanExecutor stopping{{.at_once = 1, .queue = 2}};
        auto racing =
            asio::co_spawn(io_, stopping.run(ready(1), std::stop_source{}), asio::use_future);
        stopping.stop();
        ASSERT_EQ(racing.wait_for(1min), std::future_status::ready);
        try {
            EXPECT_EQ(racing.get(), 1);
        } catch (const postgres::PoolStopped&) {
            continue;
        }
    }
}

}  // namespace
}  // namespace events::reporter
