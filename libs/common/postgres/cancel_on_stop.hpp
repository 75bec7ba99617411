#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace events::postgres {

class Interrupter;

/// Ends the statements of a connection once `stop` is requested, so that its thread, which waits
/// for them, can end: cancels them in the server, again and again, and hangs up on a server that
/// does not react. The connection's thread holds one around its work, and drops the connection
/// after a stop: a last request to cancel may still be under way.
///
/// A thread of its own.
class CancelOnStop {
  public:
    CancelOnStop(std::stop_token stop, std::shared_ptr<Interrupter> connection);
    /// The work has ended.
    ~CancelOnStop();
    CancelOnStop(const CancelOnStop&) = delete;
    CancelOnStop& operator=(const CancelOnStop&) = delete;

  private:
    void run(const std::stop_token& stop);

    std::shared_ptr<Interrupter> connection_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ = false;
    std::thread thread_;
};

}  // namespace events::postgres
