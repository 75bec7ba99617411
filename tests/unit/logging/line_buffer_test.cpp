#include "common/logging/line_buffer.hpp"

#include "support/await.hpp"
#include "support/environment.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace events::logging {
namespace {

using events::test::await;
using events::test::read_file;

/// A logger that writes to a file through the buffer.
class Buffered {
  public:
    explicit Buffered(std::chrono::milliseconds delay)
        : log{"test", std::make_shared<LineBuffer>(file_.get(), delay)} {
        log.set_pattern("%v");
        log.flush_on(spdlog::level::warn);
    }
    [[nodiscard]] std::string text() const { return read_file(path_); }

  private:
    events::test::TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "log";
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::fopen(path_.c_str(), "w"),
                                                          &std::fclose};

  public:
    spdlog::logger log;
};

constexpr std::chrono::hours kNever{1};

TEST(LineBuffer, WritesAfterItsDelay) {
    Buffered buffered{std::chrono::milliseconds{1}};
    buffered.log.info("first");
    EXPECT_TRUE(await([&] { return buffered.text() == "first\n"; }));
    buffered.log.info("second");
    EXPECT_TRUE(await([&] { return buffered.text() == "first\nsecond\n"; }));
}

TEST(LineBuffer, KeepsLinesUntilThen) {
    Buffered buffered{kNever};
    buffered.log.info("first");
    EXPECT_EQ(buffered.text(), "");
}

TEST(LineBuffer, WritesAllThatWaitsWithAnUrgentLine) {
    Buffered buffered{kNever};
    buffered.log.info("first");
    buffered.log.warn("second");
    EXPECT_EQ(buffered.text(), "first\nsecond\n");
}

TEST(LineBuffer, WritesWhenItBecomesMuch) {
    Buffered buffered{kNever};
    const std::string line(40'000, 'x');
    buffered.log.info(line);
    EXPECT_EQ(buffered.text(), "");
    buffered.log.info(line);
    EXPECT_EQ(buffered.text(), line + "\n" + line + "\n");
}

TEST(LineBuffer, WritesTheRestAtItsEnd) {
    const events::test::TemporaryDirectory directory;
    const auto path = directory.path() / "log";
    std::FILE* file = std::fopen(path.c_str(), "w");
    {
        spdlog::logger log{"test", std::make_shared<LineBuffer>(file, kNever)};
        log.set_pattern("%v");
        log.info("last");
    }
    EXPECT_EQ(read_file(path), "last\n");
    std::fclose(file);
}

// A daemon's log exists before it blocks the signals that it waits for.
TEST(LineBuffer, LeavesSignalsToOthers) {
    const Buffered buffered{kNever};
    sigset_t signals;
    sigset_t before;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGUSR2);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &signals, &before), 0);
    ASSERT_EQ(::kill(::getpid(), SIGUSR2), 0);
    int number = 0;
    EXPECT_EQ(::sigwait(&signals, &number), 0);
    EXPECT_EQ(number, SIGUSR2);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace events::logging
