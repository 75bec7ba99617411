#pragma once

#include "common/segments/block.hpp"

#include <cstdint>
#include <vector>

namespace events::segments {

/// Puts together what threads have counted and sums tell, and the answer out of it.
class Assembly {
  public:
    Assembly(const Question& question, const Planner& planner, const ScanOptions& options);

    /// What was counted of distinct users, which can not be added up from cells.
    void add(Facet facet, const Places& places, const Counters& counters);
    void add_users(std::int64_t users) { total_.count += users; }
    /// Adds to the cell, its group, its bucket and the total.
    void add_cell(std::uint64_t cell, const Figures& figures);
    void add_cells(const Places& places, const Counters& counters);

    [[nodiscard]] Answer answer();

  private:
    struct Table {
        Places places;
        Counters counters;

        void add(std::uint64_t number, const Figures& figures);
    };

    [[nodiscard]] Table& table(Facet facet) { return tables_[static_cast<std::size_t>(facet)]; }
    [[nodiscard]] std::vector<std::uint32_t> first_groups();
    [[nodiscard]] bool is_before(std::uint64_t left, std::uint64_t right) const;
    void add_series(const std::vector<std::uint32_t>& groups, Answer& answer);

    const Question& question_;
    const Planner& planner_;
    std::uint64_t buckets_;
    Figures total_;
    std::vector<Table> tables_;  ///< by Facet
};

}  // namespace events::segments
