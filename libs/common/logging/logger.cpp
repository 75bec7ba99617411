#include "common/logging/logger.hpp"

#include "common/config/env_reader.hpp"
#include "common/logging/line_buffer.hpp"

#include <fmt/chrono.h>
#include <fmt/compile.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

namespace events::logging {
namespace {

/// How long a line below warn may wait for company.
constexpr std::chrono::milliseconds kWriteDelay{50};

constexpr std::array<std::pair<std::string_view, Level>, 6> kLevels{{
    {"trace", Level::trace},
    {"debug", Level::debug},
    {"info", Level::info},
    {"warn", Level::warn},
    {"error", Level::error},
    {"fatal", Level::fatal},
}};

/// What other loggers call them.
constexpr std::array<std::pair<std::string_view, Level>, 10> kLevelAliases{{
    {"silly", Level::trace},
    {"verbose", Level::debug},
    {"information", Level::info},
    {"notice", Level::info},
    {"log", Level::info},
    {"warning", Level::warn},
    {"err", Level::error},
    {"crit", Level::fatal},
    {"critical", Level::fatal},
    {"panic", Level::fatal},
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

/// Where a line is made; most fit without memory of their own.
using Line = fmt::memory_buffer;

void append(Line& line, std::string_view text) {
    line.append(text.data(), text.data() + text.size());
}

/// Whether a text stands in JSON as it is.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

/// Appends a JSON string with its quotes. Bad UTF-8 becomes U+FFFD: a log line must never throw.
void append_string(Line& line, std::string_view text) {
    if (is_plain(text)) {
        line.push_back('"');
        append(line, text);
        line.push_back('"');
    } else {
        append(line,
               nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
}

/// Appends a value as JSON.
struct ValueWriter {
    Line& line;

    void operator()(std::string_view text) const { append_string(line, text); }
    void operator()(std::int64_t number) const { append_number(number); }
    void operator()(std::uint64_t number) const { append_number(number); }
    /// To three decimals: of a duration in milliseconds the microseconds.
    void operator()(double number) const {
        if (!std::isfinite(number)) return append(line, "null");
        const auto rounded = std::round(number * 1'000) / 1'000;
        append_number(std::isfinite(rounded) ? rounded : number);
    }
    void operator()(bool flag) const { append(line, flag ? "true" : "false"); }
    void operator()(std::span<const std::string> list) const {
        line.push_back('[');
        for (const auto& text : list) {
            if (&text != list.data()) line.push_back(',');
            append_string(line, text);
        }
        line.push_back(']');
    }

    void operator()(const RequestIds&) const {}  // several fields, not a value

  private:
    void append_number(auto number) const {
        fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}"), number);
    }
};

/// Calls `write` with the name and the value of each field.
void for_each_field(Logger::Fields fields, const auto& write) {
    for (const auto& field : fields) {
        const auto* ids = std::get_if<RequestIds>(&field.value);
        if (ids == nullptr) {
            write(field.name, field.value);
            continue;
        }
        write("correlationId", ids->correlation_id);
        if (ids->trace_id.empty()) continue;
        write("traceId", ids->trace_id);
        write("spanId", ids->span_id);
    }
}

std::string host_name() {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return "unknown";
    return buffer.data();
}

std::shared_ptr<spdlog::logger> standard_output() {
    auto logger = std::make_shared<spdlog::logger>(
        "stdout", std::make_shared<LineBuffer>(stdout, kWriteDelay));
    logger->set_pattern("%v");
    logger->flush_on(spdlog::level::warn);
    return logger;
}

}  // namespace

Options read_options(config::EnvReader& read) {
    return {
        .level =
            read.choice<Level>("LOG_LEVEL", Level::info, kLevels,
                               "the least level that is logged: trace to fatal", kLevelAliases),
        .format = read.choice<Format>("LOG_FORMAT", Format::json, kFormats,
                                      "json (one object a line) or pretty"),
    };
}

Logger::Logger(std::string service, Options options)
    : Logger{std::move(service), options, standard_output()} {}

Logger::Logger(std::string service, Options options, std::shared_ptr<spdlog::logger> output)
    : service_{std::move(service)}, options_{options}, output_{std::move(output)} {
    output_->set_level(spdlog::level::trace);  // `options_` decides, with pino's levels
    Line origin;
    fmt::format_to(std::back_inserter(origin), R"("pid":{},"hostname":)", ::getpid());
    append_string(origin, host_name());
    append(origin, R"(,"service":)");
    append_string(origin, service_);
    origin_ = fmt::to_string(origin);
}

void Logger::log(Level level, std::string_view msg, Fields fields) const {
    if (!enabled(level)) return;
    const auto now = std::chrono::system_clock::now();
    const auto epoch_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    Line line;
    if (options_.format == Format::json) {
        fmt::format_to(std::back_inserter(line), FMT_COMPILE(R"({{"level":{},"time":{},{},"msg":)"),
                       static_cast<int>(level), epoch_ms, origin_);
        append_string(line, msg);
        for_each_field(fields, [&](std::string_view name, const Value& value) {
            fmt::format_to(std::back_inserter(line), FMT_COMPILE(R"(,"{}":)"), name);
            std::visit(ValueWriter{line}, value);
        });
        line.push_back('}');
    } else {
        fmt::format_to(std::back_inserter(line), "{:%H:%M:%S}.{:03} {:<5} {}: {}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), epoch_ms % 1000,
                       name_of(level), service_, msg);
        for_each_field(fields, [&](std::string_view name, const Value& value) {
            fmt::format_to(std::back_inserter(line), " {}=", name);
            std::visit(ValueWriter{line}, value);
        });
    }
    const auto urgency = level >= Level::warn ? spdlog::level::warn : spdlog::level::info;
    output_->log(urgency, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace events::logging
