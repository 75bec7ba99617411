#pragma once

#include "common/events/event.hpp"
#include "reporter/time_slices.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace events::reporter {

/// A statement and the texts of its parameters, $1 first. What a client sent is always a
/// parameter; names of tables, columns and event types come from constants.
struct Sql {
    std::string text;
    std::vector<std::string> parameters;

    /// Adds a parameter and returns its placeholder.
    std::string bind(std::string value);
    std::string bind(Timestamp time);

    /// "column >= $1 AND column < $2", as far as the range is bounded; else "true".
    std::string within(std::string_view column, const Range& range);
};

/// "'a', 'b'" of constants.
[[nodiscard]] std::string literals(const std::vector<std::string_view>& constants);

[[nodiscard]] std::string_view events_table(Source source) noexcept;

}  // namespace events::reporter
