#pragma once

#include "common/nats/handles.hpp"
#include "common/nats/publish_batch.hpp"

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace events::nats {

/// A message that is to be written, and where its outcome belongs.
struct Outgoing {
    MessageHandle message;
    std::size_t bytes = 0;
    std::shared_ptr<PublishBatch> batch;
    std::size_t index = 0;
};

/// Messages on their way to the socket, written by a thread of its own, so that who puts one in
/// never waits for the broker.
///
/// The thread writes all that is there and then flushes; what comes meanwhile is the next burst. So
/// a lone message leaves at once, and under load many share one system call.
/// Thread-safe. The bound is the callers' to keep: put() always takes a message.
class Outbox {
  public:
    /// Both run on the outbox's thread, may block there, and must not throw.
    struct Writer {
        std::function<void(const Outgoing&)> write;
        std::function<void()> flush;
    };

    /// `room`: bytes above which there is none.
    Outbox(std::size_t room, Writer writer);
    ~Outbox() { close(); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    /// False when the outbox is closed.
    bool put(Outgoing message);

    [[nodiscard]] bool has_room() const;
    /// Returns as soon as there is room, or the outbox is closed.
    void wait_for_room();

    /// Ends the thread after the message that it is just writing, and drops what was not written.
    void close();

  private:
    void run();
    /// False when the outbox is closed.
    bool write(const Outgoing& message);

    const std::size_t room_;
    const Writer writer_;

    mutable std::mutex mutex_;
    std::condition_variable came_;
    std::condition_variable left_;
    std::vector<Outgoing> waiting_;
    std::size_t bytes_ = 0;  ///< of what is not written yet
    bool closed_ = false;
    std::jthread thread_;
};

}  // namespace events::nats
