#pragma once

#include "e2e/stack.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace events::test {

/// Keeps daemons running as `restart: always` does: one that ended is started again, with the same
/// variables. An end that nobody ordered is a failure of the daemon.
///
/// A thread of its own; thread-safe.
class Supervisor {
  public:
    /// `daemons`: the variables of each. Returns when all of them are ready.
    Supervisor(Stack& stack, std::map<std::string, Variables> daemons);

    /// SIGKILL.
    void kill(const std::string& daemon);
    /// SIGTERM: it must end with 0.
    void terminate(const std::string& daemon);
    /// A signal that ends nothing, e.g. SIGSTOP.
    void signal(const std::string& daemon, int number);

    [[nodiscard]] std::uint64_t restarts() const;
    /// Ends that nobody ordered, and shutdowns that did not end well.
    [[nodiscard]] std::vector<std::string> complaints() const;

  private:
    void run(const std::stop_token& stop);
    void look_after(const std::string& daemon);

    Stack& stack_;
    const std::map<std::string, Variables> daemons_;
    mutable std::mutex mutex_;  ///< guards the processes of stack_, and all below
    std::set<std::string> killed_;
    std::set<std::string> terminated_;
    std::uint64_t restarts_ = 0;
    std::vector<std::string> complaints_;
    std::jthread thread_;
};

}  // namespace events::test
