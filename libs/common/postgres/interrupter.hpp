#pragma once

#include "common/postgres/session.hpp"

#include <memory>
#include <mutex>

namespace events::postgres {

/// The way to a connection for other threads, while its own one waits for a statement.
///
/// It holds the connection as long as it talks to it: dropping or replacing the connection
/// meanwhile is safe. Thread-safe. Failure: none is told; the statement then just goes on.
class Interrupter {
  public:
    Interrupter() = default;
    ~Interrupter();
    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

    /// For the connection's own thread: it has just been made.
    void attach(std::shared_ptr<Session> connection) noexcept;
    /// For the connection's own thread: it is given up.
    void detach() noexcept;

    /// Asks the server to give up the statement that runs on the connection at this moment, if one
    /// does. Blocks for a connection of its own. When it returns, the server has passed the request
    /// on: it can no longer hit a statement that is sent later.
    void cancel_statement() noexcept;

    /// Cuts the connection, so that its thread stops waiting for a server that does not react.
    void hang_up() noexcept;

  private:
    std::mutex mutex_;
    std::shared_ptr<Session> connection_;
    /// A second descriptor of its socket: libpq may close the first at any moment, and then the
    /// number can be that of another file.
    int socket_ = -1;
};

}  // namespace events::postgres
