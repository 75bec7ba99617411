#pragma once

#include "common/segments/record.hpp"
#include "common/segments/segment.hpp"

#include <cstddef>

namespace events::segments {

/// begin <= row < end; none where they are the same.
struct RowSpan {
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] bool empty() const noexcept { return begin == end; }
};

/// The rows of a user, which stand together in a segment: two binary searches.
[[nodiscard]] RowSpan rows_of(const Segment& segment, const UserKey& user) noexcept;

}  // namespace events::segments
