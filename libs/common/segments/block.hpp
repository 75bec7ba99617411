#pragma once

#include "common/segments/plan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace events::segments {

/// What figures are given apart for: groups, buckets, and groups within buckets.
enum Facet : std::uint8_t { kGroups, kBuckets, kCells };
inline constexpr std::size_t kFacets = 3;

/// Those that a question asks for.
[[nodiscard]] std::vector<Facet> facets_of(const Question& question);

/// Numbers groups, which are tuples of the values of a question's keys, and cells.
class Places {
  public:
    Places(std::size_t keys, const Seed& seed)
        : pairs_(keys < 2 ? 0 : keys - 1, PairIds{seed}), small_(pairs_.size()), cells_{seed} {}

    /// Of the first `level` values of a tuple, which have a number, and the one behind them. The
    /// number of one value alone is the value.
    [[nodiscard]] std::uint32_t next(std::size_t level, std::uint32_t first, std::uint32_t value) {
        auto& pairs = pairs_[level - 1];
        if (first >= kSmall || value >= kSmall) return pairs.id_of({first, value});
        auto& small = small_[level - 1];
        if (value >= small.size()) small.resize(value + 1);
        if (small[value].empty()) small[value].resize(kSmall, kUnknown);
        auto& known = small[value][first];
        if (known == kUnknown) known = pairs.id_of({first, value});
        return known;
    }
    [[nodiscard]] std::uint32_t group_of(std::span<const std::uint32_t> values);
    [[nodiscard]] std::vector<std::uint32_t> values_of(std::uint32_t group) const;

    [[nodiscard]] std::uint32_t cell_of(std::uint32_t group, std::uint32_t bucket) {
        return cells_.id_of({group, bucket});
    }
    /// A cell's group and bucket.
    [[nodiscard]] PairIds::Pair cell(std::uint32_t cell) const { return cells_[cell]; }

  private:
    static constexpr std::uint32_t kSmall = 1'024;
    static constexpr std::uint32_t kUnknown = 0xffff'ffff;

    std::vector<PairIds> pairs_;
    /// pairs_ of two small numbers, by the second and the first: many times as fast.
    std::vector<std::vector<std::vector<std::uint32_t>>> small_;
    PairIds cells_;
};

/// Some neighbouring rows of a segment that a question counts: what it needs of each.
struct Block {
    static constexpr std::size_t kRows = 1'024;
    template <typename T>
    using Values = std::array<T, kRows>;

    const Segment* segment = nullptr;
    std::size_t begin = 0;
    std::size_t size = 0;
    // Of the `size` rows that count:
    Values<std::uint32_t> rows;                         ///< from `begin`
    std::array<Values<std::uint32_t>, kFacets> places;  ///< numbers of the question's facets
    Values<std::int8_t> signs;
    Values<std::int64_t> cents;  ///< of Figure::revenue
};

/// Reads blocks of the plans' segments. One a thread.
class BlockReader {
  public:
    BlockReader(const Planner& planner, const Question& question, const Seed& seed)
        : planner_{planner}, facets_{facets_of(question)}, places_{question.keys.size(), seed} {}

    /// Reads the rows from `begin` to `end`, at most Block::kRows. It holds until the next one.
    const Block& read(const Plan& plan, std::size_t begin, std::size_t end);

    [[nodiscard]] const Places& places() const noexcept { return places_; }

  private:
    void select(const Plan& plan);
    void read_buckets(const Plan& plan);
    void read_groups(const Plan& plan);
    void read_amounts(const Plan& plan);

    const Planner& planner_;
    std::vector<Facet> facets_;
    Places places_;
    Block block_;
};

}  // namespace events::segments
