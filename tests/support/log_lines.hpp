#pragma once

#include "common/logging/logger.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>

namespace events::test {

/// Keeps what a logger writes, for reading meanwhile.
class LogLines : public spdlog::sinks::base_sink<std::mutex> {
  public:
    [[nodiscard]] std::string text() {
        const std::lock_guard lock{mutex_};
        return text_;
    }
    [[nodiscard]] bool has(const std::string& part) {
        return text().find(part) != std::string::npos;
    }

  private:
    void sink_it_(const spdlog::details::log_msg& line) override {
        text_.append(line.payload.data(), line.payload.size());
        text_ += '\n';
    }
    void flush_() override {}

    std::string text_;
};

/// A logger that writes there, from `level` on.
[[nodiscard]] inline logging::Logger make_log(const std::shared_ptr<LogLines>& lines,
                                              logging::Level level) {
    return {"test", {.level = level}, std::make_shared<spdlog::logger>("test", lines)};
}

}  // namespace events::test
