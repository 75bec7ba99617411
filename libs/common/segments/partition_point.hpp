#pragma once

#include <cstddef>
#include <numeric>

namespace events::segments {

/// The first number from `begin` on, and at most `end`, of which `holds` is false: it holds for
/// none or some of the first, and for none behind them. As std::ranges::partition_point over
/// std::views::iota, which Clang 14 can't compile with this standard library.
template <typename Predicate>
[[nodiscard]] constexpr std::size_t partition_point(std::size_t begin, std::size_t end,
                                                    const Predicate& holds) {
    while (begin < end) {
        const auto middle = std::midpoint(begin, end);
        if (holds(middle)) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

}  // namespace events::segments
