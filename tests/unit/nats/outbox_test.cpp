#include "common/nats/outbox.hpp"

#include "support/await.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

namespace events::nats::test {
namespace {

using events::test::await;
using events::test::kPatience;

/// What the outbox did with messages, which the tests tell apart by their index.
class Recorder {
  public:
    Outbox::Writer writer() {
        return {.write =
                    [this](const Outgoing& message) {
                        const std::lock_guard lock{mutex_};
                        written_.push_back(message.index);
                    },
                .flush = [this] { ++flushes_; }};
    }
    std::vector<std::size_t> written() {
        const std::lock_guard lock{mutex_};
        return written_;
    }
    [[nodiscard]] int flushes() const { return flushes_; }

  private:
    std::mutex mutex_;
    std::vector<std::size_t> written_;
    std::atomic<int> flushes_{0};
};

Outgoing message(std::size_t index, std::size_t bytes = 1) {
    return {.message = nullptr, .bytes = bytes, .batch = nullptr, .index = index};
}

/// A recorder whose first flush lasts until it is released.
class HeldRecorder {
  public:
    Outbox::Writer writer() {
        auto writer = recorder.writer();
        return {.write = writer.write, .flush = [this, flush = writer.flush] {
                    flush();
                    released_.wait();
                }};
    }
    void release() { released_.count_down(); }

    Recorder recorder;

  private:
    std::latch released_{1};
};

TEST(Outbox, FlushesALoneMessageAtOnce) {
    Recorder recorder;
    Outbox outbox{100, recorder.writer()};
    EXPECT_TRUE(outbox.put(message(7)));
    ASSERT_TRUE(await([&] { return recorder.flushes() == 1; }));
    EXPECT_EQ(recorder.written(), std::vector<std::size_t>{7});
}

TEST(Outbox, FlushesOnceForAllThatCameDuringAFlush) {
    HeldRecorder held;
    Outbox outbox{100, held.writer()};
    outbox.put(message(0));
    ASSERT_TRUE(await([&] { return held.recorder.flushes() == 1; }));
    for (std::size_t i = 1; i <= 5; ++i) outbox.put(message(i));
    held.release();
    ASSERT_TRUE(await([&] { return held.recorder.flushes() == 2; }));
    EXPECT_EQ(held.recorder.written(), (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Outbox, HasNoRoomWhileTooMuchWaitsToBeWritten) {
    HeldRecorder held;
    Outbox outbox{100, held.writer()};
    outbox.put(message(0));
    ASSERT_TRUE(await([&] { return held.recorder.flushes() == 1; }));
    outbox.put(message(1, 99));
    EXPECT_TRUE(outbox.has_room());
    outbox.put(message(2, 1));
    EXPECT_FALSE(outbox.has_room());

    auto waiting = std::async(std::launch::async, [&] { outbox.wait_for_room(); });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds{20}), std::future_status::timeout);
    held.release();
    EXPECT_EQ(waiting.wait_for(kPatience), std::future_status::ready);
    EXPECT_TRUE(await([&] { return outbox.has_room(); }));
}

TEST(Outbox, TakesNothingOnceItIsClosed) {
    Recorder recorder;
    Outbox outbox{100, recorder.writer()};
    outbox.close();
    EXPECT_FALSE(outbox.put(message(0)));
    EXPECT_TRUE(recorder.written().empty());
}

TEST(Outbox, LetsNobodyWaitWhenItIsClosed) {
    HeldRecorder held;
    Outbox outbox{1, held.writer()};
    outbox.put(message(0));
    ASSERT_TRUE(await([&] { return held.recorder.flushes() == 1; }));
    outbox.put(message(1));
    auto waiting = std::async(std::launch::async, [&] { outbox.wait_for_room(); });
    std::jthread closing{[&] { outbox.close(); }};
    EXPECT_EQ(waiting.wait_for(kPatience), std::future_status::ready);
    held.release();
}

}  // namespace
}  // namespace events::nats::test
