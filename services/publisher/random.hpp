#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace events::publisher {

/// xoshiro256++ (Blackman and Vigna), seeded by splitmix64: the same numbers from the same seed
/// with every compiler and library, which the standard's distributions do not promise.
/// Not for secrets. Single-threaded.
class Random {
  public:
    explicit Random(std::uint64_t seed) noexcept {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15U;
            auto mixed = seed;
            mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
            mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
            word = mixed ^ (mixed >> 31U);
        }
    }

    [[nodiscard]] std::uint64_t next() noexcept {
        const auto result = std::rotl(state_[0] + state_[3], 23) + state_[0];
        const auto shifted = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// 0 to bound - 1; 0 where the bound is 0. Multiplies and shifts: the bias is under
    /// bound / 2^64.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64U);
    }

    /// Both ends inclusive.
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }

    /// True with the given probability: never at 0, always at 1.
    [[nodiscard]] bool chance(double probability) noexcept {
        return static_cast<double>(next() >> 11U) * 0x1.0p-53 < probability;
    }

    template <typename Choices>
    [[nodiscard]] const auto& pick(const Choices& choices) noexcept {
        return choices[below(choices.size())];
    }
    /// Of at least one.
    template <typename T>
    [[nodiscard]] const T& pick(std::span<const T> choices) noexcept {
        return choices[below(choices.size())];
    }

  private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace events::publisher
