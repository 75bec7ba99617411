#include "common/logging/logger.hpp"

#include "common/config/env_reader.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <iterator>
#include <utility>

namespace events::logging {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 6> kLevels{{
    {"trace", Level::trace},
    {"debug", Level::debug},
    {"info", Level::info},
    {"warn", Level::warn},
    {"error", Level::error},
    {"fatal", Level::fatal},
}};

constexpr std::array<std::pair<std::string_view, Format>, 2> kFormats{{
    {"json", Format::json},
    {"pretty", Format::pretty},
}};

std::string_view name_of(Level level) {
    for (const auto& [name, value] : kLevels) {
        if (value == level) return name;
    }
    return "unknown";
}

/// A JSON string with its quotes. Bad UTF-8 becomes U+FFFD: a log line must never throw.
std::string json_string(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string to_json(const Value& value) {
    struct Writer {
        std::string operator()(std::string_view text) const { return json_string(text); }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return nlohmann::json(number).dump(); }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::span<const std::string> list) const {
            std::string out = "[";
            for (const auto& text : list) {
                if (out.size() > 1) out += ',';
                out += json_string(text);
            }
            return out + "]";
        }
    };
    return std::visit(Writer{}, value);
}

std::string host_name() {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return "unknown";
    return buffer.data();
}

std::shared_ptr<spdlog::logger> standard_output() {
    auto logger = std::make_shared<spdlog::logger>(
        "stdout", std::make_shared<spdlog::sinks::stdout_sink_mt>());
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::trace);
    return logger;
}

}  // namespace

Options read_options(config::EnvReader& read) {
    return {
        .level = read.choice<Level>("LOG_LEVEL", Level::info, kLevels,
                                    "the least level that is logged: trace to fatal"),
        .format = read.choice<Format>("LOG_FORMAT", Format::json, kFormats,
                                      "json (one object a line) or pretty"),
    };
}

Logger::Logger(std::string service, Options options)
    : Logger{std::move(service), options, standard_output()} {}

Logger::Logger(std::string service, Options options, std::shared_ptr<spdlog::logger> output)
    : service_{std::move(service)},
      hostname_{host_name()},
      options_{options},
      output_{std::move(output)} {
    output_->set_level(spdlog::level::trace);  // `options_` decides, with pino's levels
}

void Logger::log(Level level, std::string_view msg, Fields fields) const {
    if (!enabled(level)) return;
    const auto now = std::chrono::system_clock::now();
    const auto epoch_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    std::string line;
    if (options_.format == Format::json) {
        line = fmt::format(R"({{"level":{},"time":{},"pid":{},"hostname":{},"service":{},"msg":{})",
                           static_cast<int>(level), epoch_ms, ::getpid(), json_string(hostname_),
                           json_string(service_), json_string(msg));
        for (const auto& field : fields) {
            fmt::format_to(std::back_inserter(line), R"(,"{}":{})", field.name,
                           to_json(field.value));
        }
        line += '}';
    } else {
        line = fmt::format("{:%H:%M:%S}.{:03} {:<5} {}: {}",
                           fmt::gmtime(std::chrono::system_clock::to_time_t(now)), epoch_ms % 1000,
                           name_of(level), service_, msg);
        for (const auto& field : fields) {
            fmt::format_to(std::back_inserter(line), " {}={}", field.name, to_json(field.value));
        }
    }
    output_->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace events::logging
