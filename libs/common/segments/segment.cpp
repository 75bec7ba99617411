#include "common/segments/segment.hpp"

#include "common/segments/partition_point.hpp"

#include <algorithm>

namespace events::segments {

Blob blob_of(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    const auto* data = owner->data();
    const auto size = owner->size();
    return {.data = {std::move(owner), data}, .size = size};
}

std::uint64_t Dictionary::find(std::string_view text) const noexcept {
    const std::size_t end = size() + 1;
    const auto code = partition_point(1, end, [&](auto at) { return (*this)[at] < text; });
    return code != end && (*this)[code] == text ? code : 0;
}

CodeRange ColumnView::codes_of(std::int64_t min, std::int64_t max) const noexcept {
    if (max < min || max < base) return {};
    const auto code_of = [this](std::int64_t number) {
        return static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(base) + 1;
    };
    // No code wraps, since a base is above the least number: see format::kNull.
    return {min <= base ? 1 : code_of(min), std::min(code_of(max), greatest)};
}

const ColumnView* Segment::find(Column column) const noexcept {
    const auto found = std::ranges::find(columns_, column, &ColumnView::column);
    return found == columns_.end() ? nullptr : &*found;
}

void Segment::read_times(std::size_t begin, std::span<std::int64_t> times) const {
    const auto* minutes = find(Column::minute);
    const auto* microseconds = find(Column::microsecond);
    const auto count = std::min(times.size(), rows() - begin);
    // Unsigned, since the first minute of all begins before the first time of all.
    minutes->with_codes(begin, [&](const auto* minute) {
        microseconds->with_codes(begin, [&](const auto* microsecond) {
            const auto first_minute = static_cast<std::uint64_t>(minutes->base) - 1;
            const auto first = static_cast<std::uint64_t>(microseconds->base) - 1;
            for (std::size_t i = 0; i < count; ++i) {
                times[i] = static_cast<std::int64_t>((first_minute + minute[i]) *
                                                         format::kMicrosecondsPerMinute +
                                                     first + microsecond[i]);
            }
        });
    });
}

}  // namespace events::segments
