#pragma once

#include "common/sources/source.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace events::reporter {

/// A dimension as a filter of reports: what sources() say of it.
struct Filter {
    /// A value that events of these sources can have.
    struct Choice {
        std::string_view name;
        std::vector<Source> sources;
    };
    /// Events that have the field.
    struct Known {
        Source source;
        std::optional<FunnelStage> stage;  ///< nothing: of both
    };

    const Dimension* dimension;
    std::vector<Known> known_of;
    std::vector<Choice> choices;  ///< of a text; empty: any text
    Bounds bounds;                ///< of a number: the widest of all sources
};

/// One of each dimension, in the order of the contract's table of parameters. Made once.
[[nodiscard]] std::span<const Filter> filters();

/// The filter of the dimension of that name, which there is.
[[nodiscard]] const Filter& filter_of(std::string_view name);

}  // namespace events::reporter
