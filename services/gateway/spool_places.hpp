#pragma once

#include "gateway/descriptor.hpp"
#include "gateway/spool_folder.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace events::gateway {

/// The places of several gateways on one folder: its subfolders 1, 2, 3, ..., a gateway each.
///
/// A gateway chooses its place, or empties those of others, only while it has the turn. Else one
/// that starts could find a place taken merely because somebody empties it.
/// Every function throws std::system_error with the system's reason. Thread-safe.
class SpoolPlaces {
  public:
    explicit SpoolPlaces(std::filesystem::path base) : base_{std::move(base)} {}

    /// The first of `count` places that no gateway has. Throws with EBUSY when there is none.
    [[nodiscard]] SpoolFolder choose(std::size_t count) const;

    /// The right to change who has which place, until it is destroyed; nothing when another has it.
    [[nodiscard]] std::optional<Descriptor> try_turn() const;

    /// The folder itself, where a gateway without a number left its files, and each subfolder whose
    /// name is a number: also those beyond the count that is used now.
    [[nodiscard]] std::vector<std::filesystem::path> all() const;

  private:
    [[nodiscard]] Descriptor wait_for_turn() const;

    std::filesystem::path base_;
};

}  // namespace events::gateway
