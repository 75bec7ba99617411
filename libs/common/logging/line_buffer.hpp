#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace events::logging {

/// A sink that writes lines to a file in bulk: a system call a line costs more than the line. What
/// is there is written after `delay`, when it becomes much, when spdlog flushes, and at the end.
/// Always whole lines. Thread-safe.
class LineBuffer : public spdlog::sinks::base_sink<std::mutex> {
  public:
    /// `file` stays the caller's.
    LineBuffer(std::FILE* file, std::chrono::milliseconds delay);
    ~LineBuffer() override;

  private:
    void sink_it_(const spdlog::details::log_msg& line) override;
    void flush_() override;
    void write_from_time_to_time();

    std::FILE* file_;
    const std::chrono::milliseconds delay_;
    std::condition_variable changed_;
    spdlog::memory_buf_t formatted_;
    std::string waiting_;
    bool stopped_ = false;
    std::jthread thread_;
};

}  // namespace events::logging
