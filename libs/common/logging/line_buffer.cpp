#include "common/logging/line_buffer.hpp"

#include <signal.h>

#include <utility>

namespace events::logging {
namespace {

constexpr std::size_t kMuch = std::size_t{64} * 1024;

/// Starts a thread to which no signal goes: the log is there before a daemon blocks those that it
/// waits for, and each thread has its own mask.
template <typename Work>
std::jthread start_without_signals(Work work) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::jthread thread{std::move(work)};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

LineBuffer::LineBuffer(std::FILE* file, std::chrono::milliseconds delay)
    : file_{file}, delay_{delay}, thread_{start_without_signals([this] {
          write_from_time_to_time();
      })} {}

LineBuffer::~LineBuffer() {
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
    flush_();
}

void LineBuffer::sink_it_(const spdlog::details::log_msg& line) {
    if (waiting_.empty()) changed_.notify_all();
    formatted_.clear();
    formatter_->format(line, formatted_);
    waiting_.append(formatted_.data(), formatted_.size());
    if (waiting_.size() >= kMuch) flush_();
}

void LineBuffer::flush_() {
    // Nobody is left to tell when the log can't be written.
    static_cast<void>(std::fwrite(waiting_.data(), 1, waiting_.size(), file_));
    static_cast<void>(std::fflush(file_));
    waiting_.clear();
}

void LineBuffer::write_from_time_to_time() {
    std::unique_lock lock{mutex_};
    while (!stopped_) {
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        changed_.wait_for(lock, delay_, [this] { return stopped_; });
        flush_();
    }
}

}  // namespace events::logging
