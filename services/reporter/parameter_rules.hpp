#pragma once

#include "reporter/parse_query.hpp"
#include "reporter/query.hpp"
#include "reporter/time_parameter.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace events::reporter {

/// The query so far, and what parameters are checked against each other by.
struct Reading {
    Query query;
    const TimeZones& zones;
    std::optional<Source> source{};
    std::optional<FunnelStage> stage{};
    std::optional<Instant> from{};
    std::optional<Instant> to{};
};

/// Takes a decoded value into the reading; returns what is wrong with it, else nothing.
using Read = std::optional<std::string> (*)(Reading&, const std::string&);

/// A parameter of a report.
struct Rule {
    std::string_view name;
    Read read;
};

/// The parameters of every report, in the order of the contract's table; each is read after those
/// before it.
[[nodiscard]] std::span<const Rule> rules() noexcept;

}  // namespace events::reporter
