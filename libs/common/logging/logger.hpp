#pragma once

#include "common/logging/request_ids.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace spdlog {
class logger;
}

namespace events::config {
class EnvReader;
}

namespace events::logging {

/// pino's numbers, which stand in every line's `level`.
enum class Level { trace = 10, debug = 20, info = 30, warn = 40, error = 50, fatal = 60 };

enum class Format { json, pretty };

struct Options {
    Level level = Level::info;
    Format format = Format::json;
};

/// LOG_LEVEL and LOG_FORMAT.
[[nodiscard]] Options read_options(config::EnvReader& read);

/// A field's value; it is written before the call returns, so views are enough.
using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool,
                           std::span<const std::string>, RequestIds>;

struct Field {
    template <typename T>
    Field(std::string_view field_name, const T& field_value)
        : name{field_name}, value{to_value(field_value)} {}
    Field(const RequestIds& ids) : value{ids} {}  // NOLINT(*-explicit-*): stands among the others

    std::string_view name;
    Value value;

  private:
    template <typename T>
    static Value to_value(const T& given) {
        if constexpr (std::is_same_v<T, bool>) {
            return given;
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<double>(given);
        } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
            return static_cast<std::int64_t>(given);
        } else if constexpr (std::is_integral_v<T>) {
            return static_cast<std::uint64_t>(given);
        } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            return std::string_view{given};
        } else {
            return std::span<const std::string>{given};
        }
    }
};

/// Writes one JSON object per line in pino's shape to standard output: level, time (epoch ms),
/// pid, hostname, service, msg, then the fields. Text that is not UTF-8 is replaced, never thrown
/// upon. A line below warn may be written up to 50 ms later, with others; the rest at once.
/// Thread-safe; a copy writes to the same place.
class Logger {
  public:
    using Fields = std::initializer_list<Field>;

    /// Writes to standard output.
    Logger(std::string service, Options options);
    /// Writes to the given spdlog logger: for tests.
    Logger(std::string service, Options options, std::shared_ptr<spdlog::logger> output);

    [[nodiscard]] bool enabled(Level level) const noexcept { return level >= options_.level; }

    void trace(std::string_view msg, Fields fields = {}) const { log(Level::trace, msg, fields); }
    void debug(std::string_view msg, Fields fields = {}) const { log(Level::debug, msg, fields); }
    void info(std::string_view msg, Fields fields = {}) const { log(Level::info, msg, fields); }
    void warn(std::string_view msg, Fields fields = {}) const { log(Level::warn, msg, fields); }
    void error(std::string_view msg, Fields fields = {}) const { log(Level::error, msg, fields); }
    void fatal(std::string_view msg, Fields fields = {}) const { log(Level::fatal, msg, fields); }

    void log(Level level, std::string_view msg, Fields fields) const;

  private:
    std::string service_;
    std::string origin_;  ///< what each JSON line says of the process, as it stands there
    Options options_;
    std::shared_ptr<spdlog::logger> output_;
};

}  // namespace events::logging
