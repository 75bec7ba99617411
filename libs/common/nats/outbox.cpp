#include "common/nats/outbox.hpp"

#include <utility>

namespace events::nats {

Outbox::Outbox(std::size_t room, Writer writer)
    : room_{room}, writer_{std::move(writer)}, thread_{[this] { run(); }} {}

bool Outbox::put(Outgoing message) {
    {
        const std::lock_guard lock{mutex_};
        if (closed_) return false;
        bytes_ += message.bytes;
        waiting_.push_back(std::move(message));
    }
    came_.notify_one();
    return true;
}

bool Outbox::has_room() const {
    const std::lock_guard lock{mutex_};
    return bytes_ < room_;
}

void Outbox::wait_for_room() {
    std::unique_lock lock{mutex_};
    left_.wait(lock, [this] { return closed_ || bytes_ < room_; });
}

void Outbox::close() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
    }
    came_.notify_all();
    left_.notify_all();
    if (thread_.joinable()) thread_.join();
    waiting_.clear();
}

void Outbox::run() {
    std::vector<Outgoing> burst;
    while (true) {
        {
            std::unique_lock lock{mutex_};
            came_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
            if (closed_) return;
            burst.swap(waiting_);  // two buffers that take turns and keep their capacity
        }
        for (const auto& message : burst) {
            if (!write(message)) return;
        }
        writer_.flush();
        burst.clear();  // all at once: cnats frees messages on a thread that each of them may wake
    }
}

bool Outbox::write(const Outgoing& message) {
    writer_.write(message);
    const std::lock_guard lock{mutex_};
    bytes_ -= message.bytes;
    left_.notify_all();
    return !closed_;
}

}  // namespace events::nats
