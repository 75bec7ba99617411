#include "common/segments/user_rows.hpp"

#include "common/segments/partition_point.hpp"

namespace events::segments {

RowSpan rows_of(const Segment& segment, const UserKey& user) noexcept {
    const auto begin = user.hashed ? segment.uuid_rows() : 0;
    const auto end = user.hashed ? segment.rows() : segment.uuid_rows();
    const auto first =
        partition_point(begin, end, [&](std::size_t row) { return segment.user(row) < user; });
    return {first, partition_point(first, end,
                                   [&](std::size_t row) { return segment.user(row) <= user; })};
}

}  // namespace events::segments
