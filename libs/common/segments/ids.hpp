#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace events::segments {

/// Keys the hash tables, so that no sender can choose texts or ids that collide. Random, one a
/// process; results do not depend on it.
struct Seed {
    std::uint64_t first = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t second = 0xc2b2'ae3d'27d4'eb4f;
};

/// Both halves of a 128-bit product: each bit of the result depends on all of both factors.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t left, std::uint64_t right) noexcept {
    __extension__ using Wide = unsigned __int128;
    const auto product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

[[nodiscard]] inline std::uint64_t hash(std::uint64_t high, std::uint64_t low,
                                        const Seed& seed) noexcept {
    return fold(high ^ seed.first, low ^ seed.second);
}

/// Slots of an open-addressed table: places of entries that its owner keeps, with 32 bits of their
/// hashes. At most half of the slots are taken.
class Slots {
  public:
    /// The place of an entry with that hash for which `is_same(place)`; where there is none,
    /// `next` is taken for a new one and returned.
    template <typename IsSame>
    std::uint32_t find_or_add(std::uint64_t hash, std::size_t next, IsSame is_same) {
        if (2 * (next + 1) > slots_.size()) grow();
        auto& slot = find(hash, is_same);
        if (slot.place == kFree) {
            slot = {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(next)};
        }
        return slot.place;
    }

    void prefetch(std::uint64_t hash) const {
        if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
    }

    void clear() {
        // Few entries must not pay for the many that were once there.
        constexpr std::size_t kMostKept = 1 << 14;
        if (slots_.size() > kMostKept) slots_ = {};
        std::ranges::fill(slots_, Slot{});
    }

  private:
    static constexpr std::uint32_t kFree = 0xffff'ffff;
    static constexpr std::size_t kMany = 1 << 20;
    struct Slot {
        std::uint32_t tag = 0;
        std::uint32_t place = kFree;
    };

    template <typename IsSame>
    Slot& find(std::uint64_t hash, IsSame is_same) {
        const auto tag = static_cast<std::uint32_t>(hash);
        const auto mask = slots_.size() - 1;
        for (auto at = tag & mask;; at = (at + 1) & mask) {
            auto& slot = slots_[at];
            if (slot.place == kFree || (slot.tag == tag && is_same(slot.place))) return slot;
        }
    }

    void grow() {
        std::vector<Slot> old(slots_.empty() ? 64
                                             : (slots_.size() < kMany ? 4 : 2) * slots_.size());
        old.swap(slots_);
        for (const auto& slot : old) {
            if (slot.place != kFree) find(slot.tag, [](auto) { return false; }) = slot;
        }
    }

    std::vector<Slot> slots_;
};

/// Numbers texts in the order of their first sight, from 1; 0 stands for null. It keeps views: the
/// texts must outlive it.
class TextIds {
  public:
    explicit TextIds(const Seed& seed) : seed_{seed} {}

    std::uint32_t id_of(std::string_view text) { return id_of(text, hash_of(text)); }
    /// In two steps, of which others can lie between, since the first waits for no memory.
    [[nodiscard]] std::uint64_t prefetch(std::string_view text) const {
        const auto hash = hash_of(text);
        slots_.prefetch(hash);
        return hash;
    }
    std::uint32_t id_of(std::string_view text, std::uint64_t hash);
    /// Of a text that has one.
    [[nodiscard]] std::uint32_t find(std::string_view text) const;

    [[nodiscard]] std::string_view operator[](std::uint32_t id) const { return texts_[id - 1]; }
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] const Seed& seed() const noexcept { return seed_; }

    /// Puts the ids in the order of their texts' bytes.
    void sort(std::vector<std::uint32_t>& ids) const;

    void clear();

  private:
    [[nodiscard]] std::uint64_t hash_of(std::string_view text) const;

    Seed seed_;
    std::vector<std::string_view> texts_;
    std::size_t bytes_ = 0;
    Slots slots_;
};

/// Numbers pairs in the order of their first sight, from 0.
class PairIds {
  public:
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    explicit PairIds(const Seed& seed) : seed_{seed} {}

    std::uint32_t id_of(Pair pair) {
        if (last_ < pairs_.size() && pairs_[last_] == pair) return last_;
        const auto id = slots_.find_or_add(hash(pair.first, pair.second, seed_), pairs_.size(),
                                           [&](auto place) { return pairs_[place] == pair; });
        if (id == pairs_.size()) pairs_.push_back(pair);
        return last_ = id;
    }

    [[nodiscard]] Pair operator[](std::uint32_t id) const { return pairs_[id]; }
    [[nodiscard]] std::size_t size() const noexcept { return pairs_.size(); }

    void clear() {
        if (pairs_.empty()) return;
        pairs_.clear();
        slots_.clear();
    }

  private:
    Seed seed_;
    std::vector<Pair> pairs_;
    std::uint32_t last_ = 0;
    Slots slots_;
};

}  // namespace events::segments
