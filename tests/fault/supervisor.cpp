#include "supervisor.hpp"

#include <fmt/format.h>

#include <signal.h>

#include <chrono>
#include <exception>
#include <utility>

namespace events::test {

using namespace std::chrono_literals;

Supervisor::Supervisor(Stack& stack, std::map<std::string, Variables> daemons)
    : stack_{stack}, daemons_{std::move(daemons)} {
    for (const auto& [daemon, variables] : daemons_) stack_.start(daemon, variables);
    thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void Supervisor::kill(const std::string& daemon) {
    const std::lock_guard lock{mutex_};
    killed_.insert(daemon);
    stack_.process(daemon).signal(SIGKILL);
}

void Supervisor::terminate(const std::string& daemon) {
    const std::lock_guard lock{mutex_};
    terminated_.insert(daemon);
    stack_.process(daemon).signal(SIGTERM);
}

void Supervisor::signal(const std::string& daemon, int number) {
    const std::lock_guard lock{mutex_};
    stack_.process(daemon).signal(number);
}

std::uint64_t Supervisor::restarts() const {
    const std::lock_guard lock{mutex_};
    return restarts_;
}

std::vector<std::string> Supervisor::complaints() const {
    const std::lock_guard lock{mutex_};
    return complaints_;
}

void Supervisor::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        for (const auto& [daemon, variables] : daemons_) look_after(daemon);
        std::this_thread::sleep_for(20ms);
    }
}

void Supervisor::look_after(const std::string& daemon) {
    const std::lock_guard lock{mutex_};
    auto& process = stack_.process(daemon);
    if (process.running()) return;
    const auto status = process.wait(0ms);
    const bool killed = killed_.erase(daemon) > 0;
    const bool terminated = terminated_.erase(daemon) > 0;
    if (!killed && (!terminated || !status || status->code != 0)) {
        complaints_.push_back(fmt::format("{} {}: exit code {}, signal {}", daemon,
                                          terminated ? "was asked to end" : "ended by itself",
                                          status ? status->code : -1, status ? status->signal : 0));
    }
    ++restarts_;
    try {
        stack_.start(daemon, daemons_.at(daemon), false);
    } catch (const std::exception& error) {
        complaints_.emplace_back(error.what());
    }
}

}  // namespace events::test
