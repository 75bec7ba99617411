#include "common/postgres/canceller.hpp"

#include "common/postgres/interrupter.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace events::postgres {
namespace {

using namespace std::chrono_literals;

/// Between two requests for the same statement.
constexpr auto kAgain = 50ms;
/// The destructor's, for a request that is under way.
constexpr auto kPatience = 500ms;

}  // namespace

struct Canceller::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::shared_ptr<Interrupter>> wanted;
    const Interrupter* under_way = nullptr;
    bool more = false;  ///< wanted has grown
    bool ending = false;
    bool ended = false;

    void run();
    void ask_all(std::unique_lock<std::mutex>& lock);
};

void Canceller::State::run() {
    std::unique_lock lock{mutex};
    while (!ending) {
        changed.wait(lock, [this] { return ending || !wanted.empty(); });
        more = false;
        ask_all(lock);
        changed.wait_for(lock, kAgain, [this] { return ending || more; });
    }
    ended = true;
    changed.notify_all();
}

void Canceller::State::ask_all(std::unique_lock<std::mutex>& lock) {
    const auto round = wanted;
    for (const auto& connection : round) {
        if (ending) return;
        if (std::ranges::find(wanted, connection) == wanted.end()) continue;
        under_way = connection.get();
        lock.unlock();
        connection->cancel_statement();
        lock.lock();
        under_way = nullptr;
        changed.notify_all();
    }
}

Canceller::Canceller()
    : state_{std::make_shared<State>()}, thread_{[state = state_] { state->run(); }} {}

Canceller::~Canceller() {
    std::unique_lock lock{state_->mutex};
    state_->ending = true;
    state_->changed.notify_all();
    const bool ended = state_->changed.wait_for(lock, kPatience, [this] { return state_->ended; });
    lock.unlock();
    if (ended) {
        thread_.join();
    } else {
        thread_.detach();  // it waits for a server that does not react, and has all it needs
    }
}

void Canceller::want(std::shared_ptr<Interrupter> connection) {
    const std::lock_guard lock{state_->mutex};
    state_->wanted.push_back(std::move(connection));
    state_->more = true;
    state_->changed.notify_all();
}

bool Canceller::release(const std::shared_ptr<Interrupter>& connection,
                        std::chrono::milliseconds patience) {
    std::unique_lock lock{state_->mutex};
    std::erase(state_->wanted, connection);
    return state_->changed.wait_for(lock, patience,
                                    [&] { return state_->under_way != connection.get(); });
}

}  // namespace events::postgres
