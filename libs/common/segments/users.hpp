#pragma once

#include "common/segments/block.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace events::segments {

/// Numbers users from 0. A bucket of eight users has eight tags of 8 bits, which are looked at
/// together: nearly always the first look finds the user, or a place for a new one.
class UserTable {
  public:
    explicit UserTable(const Seed& seed) : seed_{seed} { resize(kBuckets); }

    /// Finds the users of some of a segment's rows.
    void find_or_add(const Segment& segment, const Selection& rows, std::uint32_t* found);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    void clear() { resize(kBuckets); }

  private:
    struct Id {
        std::uint64_t high;
        std::uint64_t low;
    };
    static constexpr std::size_t kWays = 8;
    static constexpr std::size_t kBuckets = 2'048;

    void find_or_add(const std::uint64_t* high, const std::uint64_t* low, const std::uint32_t* rows,
                     std::size_t count, std::uint32_t* found);
    void resize(std::size_t buckets);
    void grow();

    Seed seed_;
    std::vector<std::uint64_t> tags_;    ///< by bucket; a tag of 0 is free
    std::vector<std::uint32_t> places_;  ///< in users_, by bucket and way
    std::vector<Id> users_;              ///< `size_`, and room for half of the ways
    std::size_t size_ = 0;
};

/// Counts the distinct users of a slice: of all rows whose users lie in a range of ids, so that
/// the tables stay in a processor's cache.
///
/// A user counts where more events are added than are taken back: in all, in a group, in a bucket.
class UserCounter {
  public:
    /// `is_signed`: some rows take events back. Figures are counted by facet.
    UserCounter(std::size_t facets, bool is_signed, const Seed& seed)
        : is_signed_{is_signed}, users_{seed}, facets_(facets, FacetUsers{seed}) {}

    void add(const Block& block, std::vector<Counters>& counters);
    /// Begins the next slice. Returns how many users this one had.
    std::int64_t end_slice(std::vector<Counters>& counters);

  private:
    /// The users' places in a facet. Most users have but one, which is kept apart, unless some rows
    /// take events back.
    struct FacetUsers {
        explicit FacetUsers(const Seed& seed) : others{seed} {}

        std::vector<std::uint32_t> firsts;  ///< by user
        std::uint32_t known = 0;            ///< users that have one
        PairIds others;                     ///< user and place
        std::vector<std::int64_t> events;   ///< of others
    };

    void add_places(FacetUsers& facet, std::span<const std::uint32_t> places, Counters& counters);
    void add_signed_places(FacetUsers& facet, std::span<const std::uint32_t> places,
                           const std::int8_t* signs);

    bool is_signed_;
    UserTable users_;
    std::vector<std::int64_t> events_;  ///< by user; only where some rows take events back
    std::vector<FacetUsers> facets_;
    Selection::Values<std::uint32_t> found_{};  ///< each row's user
};

}  // namespace events::segments
