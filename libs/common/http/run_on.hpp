#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace events::http {

/// Runs a coroutine, or a function that returns one, on a thread of the pool; what it returns is
/// awaited. No cancellation reaches it: Boost 1.81 takes one to the other executor by a pointer to
/// what the end of the coroutine frees, and no strand keeps the two apart. So work on a pool has to
/// end by itself.
template <typename Work>
[[nodiscard]] auto run_on(boost::asio::thread_pool& pool, Work&& work) {
    return boost::asio::co_spawn(pool, std::forward<Work>(work),
                                 boost::asio::bind_cancellation_slot(
                                     boost::asio::cancellation_slot{}, boost::asio::use_awaitable));
}

}  // namespace events::http
