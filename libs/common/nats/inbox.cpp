#include "common/nats/inbox.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

namespace events::nats {

struct Inbox::Queue {
    using Closure = std::shared_ptr<Queue>;

    static void on_message(natsConnection* /*connection*/, natsSubscription* /*subscription*/,
                           natsMsg* message, void* closure) {
        auto& queue = **static_cast<Closure*>(closure);
        {
            const std::lock_guard lock{queue.mutex};
            queue.messages.emplace_back(message);
            ++queue.received;
        }
        queue.came.notify_one();
    }

    /// The last callback of a subscription, also of one that was destroyed.
    static void on_complete(void* closure) {
        const std::unique_ptr<Closure> owner{static_cast<Closure*>(closure)};
    }

    std::mutex mutex;
    std::condition_variable came;
    std::deque<MessageHandle> messages;
    std::uint64_t received = 0;  ///< messages, so far
};

Inbox::Inbox(std::shared_ptr<natsConnection> connection, bool many)
    : connection_{std::move(connection)},
      subject_{make_inbox()},
      queue_{std::make_shared<Queue>()} {
    const auto subject = many ? subject_ + ".*" : subject_;
    auto closure = std::make_unique<Queue::Closure>(queue_);
    natsSubscription* raw = nullptr;
    check(natsConnection_Subscribe(&raw, connection_.get(), subject.c_str(), &Queue::on_message,
                                   closure.get()),
          "natsConnection_Subscribe");
    subscription_.reset(raw);
    check(natsSubscription_SetOnCompleteCB(raw, &Queue::on_complete, closure.get()),
          "natsSubscription_SetOnCompleteCB");
    static_cast<void>(closure.release());  // on_complete() frees it
    check(natsSubscription_SetPendingLimits(raw, -1, -1), "natsSubscription_SetPendingLimits");
}

Inbox::~Inbox() = default;

MessageHandle Inbox::next(std::chrono::milliseconds wait) {
    std::unique_lock lock{queue_->mutex};
    queue_->came.wait_for(lock, wait, [this] { return !queue_->messages.empty(); });
    if (queue_->messages.empty()) return nullptr;
    auto message = std::move(queue_->messages.front());
    queue_->messages.pop_front();
    return message;
}

std::size_t Inbox::waiting() const {
    // What cnats counts as delivered may not be in the queue yet.
    std::uint64_t queued = 0;
    std::int64_t delivered = 0;
    natsSubscription_QueuedMsgs(subscription_.get(), &queued);
    natsSubscription_GetDelivered(subscription_.get(), &delivered);
    const std::lock_guard lock{queue_->mutex};
    const auto come = queued + static_cast<std::uint64_t>(delivered);
    const auto under_way = come > queue_->received ? come - queue_->received : 0;
    return queue_->messages.size() + static_cast<std::size_t>(under_way);
}

bool Inbox::ended() const {
    return !natsSubscription_IsValid(subscription_.get());
}

bool Inbox::drain(std::chrono::milliseconds patience) {
    return natsSubscription_DrainTimeout(subscription_.get(), patience.count()) == NATS_OK;
}

MessageHandle Inbox::next_of_rest(std::chrono::steady_clock::time_point deadline) {
    using namespace std::chrono_literals;
    while (std::chrono::steady_clock::now() < deadline) {
        if (auto message = next(0ms)) return message;
        const auto status = natsSubscription_WaitForDrainCompletion(subscription_.get(), 5);
        if (status != NATS_TIMEOUT) return next(0ms);
    }
    return nullptr;
}

}  // namespace events::nats
