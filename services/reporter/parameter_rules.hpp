#pragma once

#include "reporter/filters.hpp"
#include "reporter/parse_query.hpp"
#include "reporter/query.hpp"
#include "reporter/time_parameter.hpp"

#include <cstdint>
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

struct Rule;

/// Takes a decoded value into the reading; returns what is wrong with it, else nothing.
using Read = std::optional<std::string> (*)(Reading&, const Rule&, const std::string&);

/// Which end of a range a number is; `equal`: both.
enum class End : std::uint8_t { equal, min, max };

/// A parameter of a report.
struct Rule {
    std::string name;
    Read read;
    const Filter* filter = nullptr;  ///< of a dimension's parameter
    End end = End::equal;

    [[nodiscard]] bool takes_any_text() const noexcept {
        return filter != nullptr && filter->dimension->kind == Dimension::Kind::text &&
               filter->choices.empty();
    }
};

/// The parameters of every report, in the order of the contract's table; each is read after those
/// before it.
[[nodiscard]] std::span<const Rule> rules();

}  // namespace events::reporter
