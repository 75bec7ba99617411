#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace events {

/// A table from an enum to the text that the wire and the database use, in both directions.
template <typename E, std::size_t N>
using Names = std::array<std::pair<std::string_view, E>, N>;

template <typename E, std::size_t N>
[[nodiscard]] constexpr std::optional<E> from_name(const Names<E, N>& names,
                                                   std::string_view text) noexcept {
    for (const auto& [name, value] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

template <typename E, std::size_t N>
[[nodiscard]] constexpr std::string_view name_in(const Names<E, N>& names, E value) noexcept {
    for (const auto& [name, candidate] : names) {
        if (candidate == value) return name;
    }
    return {};
}

}  // namespace events
