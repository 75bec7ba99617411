#pragma once

#include "common/collector/segment_upkeep.hpp"
#include "random_events.hpp"

#include <deque>
#include <string>

namespace events::test {

/// Does what keepers do, one random transaction at a time, also where none would do it yet. It
/// never changes what segments and changes say together. Single-threaded.
class Keepers {
  public:
    Keepers(const std::string& url, Random& random);

    void act();

    [[nodiscard]] int merged() const noexcept { return merged_; }
    [[nodiscard]] int folded() const noexcept { return folded_; }
    [[nodiscard]] int built() const noexcept { return built_; }

  private:
    void act(collector::SegmentUpkeep& upkeep);
    void merge(collector::SegmentUpkeep& upkeep, const collector::UpkeepPartition& partition);

    Random& random_;
    std::deque<collector::SegmentUpkeep> of_sources_;
    int merged_ = 0;
    int folded_ = 0;
    int built_ = 0;
};

}  // namespace events::test
