#pragma once

#include "collector.hpp"
#include "machine.hpp"
#include "setup.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace events::bench::scaling {

/// What the collectors' two keepers work on in the database: deltas to fold, by one at a time, and
/// minutes whose users have no profiles yet.
class Keepers {
  public:
    /// `idle` says whether a source has no backlog.
    Keepers(Machine& machine, const Setup& setup, std::function<bool(std::size_t)> idle);

    void stored(std::size_t source, const std::vector<Message>& batch);
    [[nodiscard]] std::uint64_t unprofiled() const;

  private:
    struct Minute {
        std::uint64_t events = 0;
        std::optional<double> marked;  ///< when its last events were folded
    };
    struct Source {
        std::map<int, Minute> unfolded;
        std::map<int, Minute> folded;
        std::uint64_t in_hand = 0;
    };

    void round(std::size_t source);
    void profile(std::size_t source, double round_began);
    void pause(std::size_t source);

    Machine& machine_;
    const Setup& setup_;
    std::function<bool(std::size_t)> idle_;
    std::array<Source, 2> sources_;
    bool folding_ = false;
};

}  // namespace events::bench::scaling
