#pragma once

#include "common/segments/plan.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace events::segments {

/// Places in a table for numbers below a bound, such as groups': the numbers themselves where the
/// bound is low, else by first sight.
class Places {
  public:
    struct Limits {
        std::uint64_t dense = 0;  ///< the highest bound for which each number has a place
        std::size_t places = 0;   ///< the most there may be: TooManyGroups
    };

    Places(std::uint64_t bound, const Limits& limits, const Seed& seed)
        : dense_{bound <= limits.dense ? bound : 0}, most_{limits.places}, seed_{seed} {}

    [[nodiscard]] std::uint32_t find(std::uint64_t number) {
        if (dense_ != 0) return static_cast<std::uint32_t>(number);
        const auto place = slots_.find_or_add(hash_of(number), numbers_.size(),
                                              [&](auto at) { return numbers_[at] == number; });
        if (place == numbers_.size()) {
            if (place == most_) throw TooManyGroups{};
            numbers_.push_back(number);
        }
        return place;
    }
    void find(std::span<const std::uint64_t> numbers, std::uint32_t* places) {
        if (dense_ == 0) {
            for (const auto number : numbers) slots_.prefetch(hash_of(number));
        }
        for (std::size_t i = 0; i < numbers.size(); ++i) places[i] = find(numbers[i]);
    }

    [[nodiscard]] std::uint64_t number(std::uint32_t place) const {
        return dense_ != 0 ? place : numbers_[place];
    }
    [[nodiscard]] std::size_t size() const { return dense_ != 0 ? dense_ : numbers_.size(); }

  private:
    [[nodiscard]] std::uint64_t hash_of(std::uint64_t number) const {
        return fold(number ^ seed_.first, seed_.second);
    }

    std::uint64_t dense_;
    std::size_t most_;
    Seed seed_;
    std::vector<std::uint64_t> numbers_;  ///< by place
    Slots slots_;
};

/// Figures by place.
class Counters {
  public:
    explicit Counters(bool with_cents) : with_cents_{with_cents} {}

    void resize(std::size_t places) {
        if (places <= counts_.size()) return;
        counts_.resize(places);
        if (with_cents_) cents_.resize(places);
    }
    void add(std::uint32_t place, std::int64_t count) { counts_[place] += count; }
    void add(std::uint32_t place, std::int64_t count, Cents128 cents) {
        counts_[place] += count;
        cents_[place] += cents;
    }
    void add(std::uint32_t place, const Figures& figures) {
        counts_[place] += figures.count;
        if (with_cents_) cents_[place] += figures.cents;
    }
    [[nodiscard]] std::int64_t count(std::uint32_t place) const { return counts_[place]; }
    [[nodiscard]] Cents128 cents(std::uint32_t place) const {
        return with_cents_ ? cents_[place] : 0;
    }
    [[nodiscard]] Figures operator[](std::uint32_t place) const {
        return {count(place), cents(place)};
    }
    [[nodiscard]] std::size_t size() const { return counts_.size(); }

  private:
    bool with_cents_;
    std::vector<std::int64_t> counts_;
    std::vector<Cents128> cents_;
};

/// What figures are given apart for: groups, buckets, and groups within buckets, which are cells.
/// A cell's number is its group's, times the number of buckets, and its bucket's.
enum class Facet : std::uint8_t { groups, buckets, cells };

/// What a question needs of the rows that count, of some neighbours of a part.
struct Block {
    const Plan* plan = nullptr;
    Selection rows;
    std::vector<Selection::Values<std::uint32_t>> places;  ///< by facet
    const std::int8_t* signs = nullptr;
    Selection::Values<std::int64_t> cents;  ///< of Figure::revenue
};

/// Reads blocks of the plans' parts, and numbers the places of facets. One a thread.
class BlockReader {
  public:
    BlockReader(const Planner& planner, const Question& question, std::vector<Facet> facets,
                const ScanOptions& options);

    /// Reads the rows from `begin` to `end`, at most Selection::kRows. It holds until the next one.
    const Block& read(const Plan& plan, std::size_t begin, std::size_t end);

    /// By facet.
    [[nodiscard]] const std::vector<Places>& places() const noexcept { return places_; }

  private:
    void read_groups();
    void read_places();
    void read_amounts();

    const Planner& planner_;
    std::vector<Facet> facets_;
    std::uint64_t buckets_;
    std::vector<Places> places_;
    Block block_;
    Selection::Values<std::uint64_t> groups_;
    Selection::Values<std::uint64_t> numbers_;
    Selection::Values<std::int8_t> signs_;
};

/// The places of a facet's figures.
[[nodiscard]] Places places_of(Facet facet, const Planner& planner, const Question& question,
                               const ScanOptions& options);

}  // namespace events::segments
