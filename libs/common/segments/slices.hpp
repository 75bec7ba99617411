#pragma once

#include "common/segments/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace events::segments {

/// Users that can be the same: those of one source whose ids are of one kind. They are cut by id
/// into slices of some thousand rows, however the ids are spread; all rows of a user are in one.
struct Population {
    /// Rows of one segment, sorted by user.
    struct Section {
        const Plan* plan;
        std::size_t begin;
        std::size_t end;
    };
    using Id = std::pair<std::uint64_t, std::uint64_t>;  ///< high and low half

    std::vector<Section> sections;
    std::vector<Id> bounds;  ///< the first id of each slice but the first

    [[nodiscard]] std::size_t slices() const noexcept { return bounds.size() + 1; }
    /// The first row of a slice in each section.
    [[nodiscard]] std::vector<std::size_t> rows_of(std::size_t slice) const;
    /// Behind a slice's rows in that section, which begin at `begin`.
    [[nodiscard]] std::size_t end_of(std::size_t slice, const Section& section,
                                     std::size_t begin) const;
};

[[nodiscard]] std::vector<Population> populations_of(const std::vector<Plan>& plans);

}  // namespace events::segments
