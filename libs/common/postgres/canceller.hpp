#pragma once

#include <chrono>
#include <memory>
#include <thread>

namespace events::postgres {

class Interrupter;

/// A thread that cancels the statements of other threads' connections, since a request to cancel
/// blocks. It asks again and again until the statement's thread says that it has ended: a request
/// that finds no statement, as between two of them, is lost.
///
/// Thread-safe.
class Canceller {
  public:
    Canceller();
    /// Leaves a request that is stuck behind, with what it holds.
    ~Canceller();
    Canceller(const Canceller&) = delete;
    Canceller& operator=(const Canceller&) = delete;

    /// From now on whatever runs on this connection is cancelled, until release().
    void want(std::shared_ptr<Interrupter> connection);

    /// Ends that, and waits for a request that is under way. False when it still is: it could hit
    /// the next statement on this connection, which must be dropped.
    [[nodiscard]] bool release(const std::shared_ptr<Interrupter>& connection,
                               std::chrono::milliseconds patience);

  private:
    struct State;

    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace events::postgres
