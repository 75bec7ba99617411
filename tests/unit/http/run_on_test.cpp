#include "common/http/run_on.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <future>

namespace events::http {
namespace {

namespace asio = boost::asio;

asio::awaitable<int> work(std::promise<void>& begun, std::future<void>& may_end) {
    begun.set_value();
    may_end.wait();
    // Behind whatever was queued for this thread meanwhile.
    co_await asio::post(asio::use_awaitable);
    co_await asio::post(asio::use_awaitable);
    co_return 42;
}

asio::awaitable<int> await_work(asio::thread_pool& pool, std::promise<void>& begun,
                                std::future<void>& may_end) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return co_await run_on(pool, work(begun, may_end));
}

// A session that ended with its request at work cancelled the work on another thread: through
// memory that the work's end had freed.
TEST(RunOn, LetsNoCancellationReachTheWork) {
    asio::io_context io;
    asio::thread_pool pool{1};
    asio::cancellation_signal session;
    std::promise<void> begun;
    std::promise<void> end;
    auto may_end = end.get_future();
    std::exception_ptr failure;
    int result = 0;
    asio::co_spawn(
        io, await_work(pool, begun, may_end),
        asio::bind_cancellation_slot(session.slot(), [&](std::exception_ptr error, int n) {
            failure = std::move(error);
            result = n;
        }));
    asio::post(io, [&] {
        begun.get_future().wait();
        session.emit(asio::cancellation_type::terminal);
        end.set_value();
    });
    io.run();
    pool.join();
    EXPECT_EQ(failure, nullptr);
    EXPECT_EQ(result, 42);
}

}  // namespace
}  // namespace events::http
