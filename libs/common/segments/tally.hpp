#pragma once

#include "common/segments/block.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace events::segments {

/// What one thread has counted.
struct Tally {
    Figures total;
    std::array<std::vector<Figures>, kFacets>
        figures;  ///< by the numbers of Places, and of buckets

    /// Those of a group, bucket or cell, which may be a new one.
    [[nodiscard]] Figures& at(Facet facet, std::size_t place);
};

/// Adds a block's events, or orders and cents, to the tally.
void add_events(const Block& block, std::span<const Facet> facets, bool with_cents, Tally& tally);

/// Counts the distinct users of a slice: of all rows whose users lie in a range of ids, so that
/// the tables stay in a processor's cache.
///
/// A user counts where more events are added than are taken back: in all, in a group, in a bucket.
class UserCounter {
  public:
    UserCounter(std::vector<Facet> facets, const Seed& seed);

    void add(const Block& block);
    /// Counts the slice's users into the tally and begins the next slice.
    void end_slice(Tally& tally);

  private:
    struct User {
        std::uint64_t high;
        std::uint64_t low;
        std::int64_t events;
    };
    /// The users' groups, buckets or cells. Most users have but one.
    struct FacetUsers {
        struct First {
            std::uint32_t place;
            std::int64_t events;
        };
        std::vector<First> firsts;  ///< by user
        PairIds others;             ///< user and place
        std::vector<std::int64_t> events;

        void add(std::uint32_t user, std::uint32_t place, std::int8_t sign);
    };

    void find_users(const Block& block);

    Seed seed_;
    std::vector<Facet> facets_;
    Slots slots_;
    std::vector<User> users_;
    std::vector<FacetUsers> facet_users_;   ///< as facets_
    Block::Values<std::uint32_t> found_{};  ///< each row's user
};

}  // namespace events::segments
